//! The sample portal's pages, in the order of texts that 3CMS portals have.

use std::fmt::Write as _;

use askama::filters::{Html, escape};
use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use super::{
    Live, NAME,
    sample::{Block, SECTIONS, Section},
};
use crate::domain::time::WEEKDAYS_VI;

/// Articles on one list page.
pub(super) const PER_PAGE: usize = 10;

/// The length from which lists cut a title (characters).
const TITLE_IN_LISTS: usize = 80;

const STYLE: &str = "body{margin:0;font:16px/1.6 'Times New Roman',Tinos,serif;color:#222;background:#eef1f5}\
.banner{background:#b3171d;color:#ffe9a8;padding:18px 24px;font-size:24px;font-weight:bold}.banner small{display:block;\
font-size:14px;font-weight:normal}.menu{background:#0f4c91;margin:0;padding:8px 24px;list-style:none}.menu li{display:inline;\
margin-right:22px}.menu a{color:#fff}.note{background:#fff3cd;padding:8px 24px;font-size:14px}\
.page{max-width:860px;margin:16px auto;background:#fff;padding:16px 28px}.crumb{color:#777;font-size:14px}.title{color:#0f4c91;\
font-size:24px;font-weight:bold}.date,.size,.ldate{color:#777;font-size:14px}.rel{border-top:1px solid #ccc;margin-top:24px}\
img{max-width:100%}.foot{background:#0f4c91;color:#fff;padding:16px 24px;font-size:14px}";

/// A page around its content. `visits` moves at every request, as the real portals' counters do.
pub(super) fn frame(title: &str, content: &str, today: DateTime<Utc>, visits: u64) -> String {
    let menu = SECTIONS
        .iter()
        .map(|s| format!("<li><a href=\"/{}\">{}</a></li>", s.slug, s.title))
        .collect::<Vec<_>>()
        .concat();
    let local = today.with_timezone(&Ho_Chi_Minh);
    format!(
        "<!DOCTYPE html>\n<html class=\"ltr\" lang=\"vi-VN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title} - Tỉnh Sơn Hải - Cổng thông tin</title><style>{STYLE}</style></head>\n\
         <body>\n<div class=\"banner\">{NAME}<small>{weekday}, ngày {day:02}/{month:02}/{year}</small></div>\n\
         <ul class=\"menu\"><li><a href=\"/\">Trang Nhất</a></li>{menu}</ul>\n\
         <div class=\"note\">Trang mẫu của bản trình diễn Loa: tỉnh, nhân vật và tin bài đều là hư cấu.</div>\n\
         {content}\n\
         <div class=\"stat\">Thống kê truy cập Đang truy cập {online} Hôm nay {today_visits} Tổng truy cập 1.878.{visits:03}</div>\n\
         <div class=\"foot\">Bản quyền thuộc {NAME} (Ghi rõ nguồn khi phát hành lại thông tin từ website này)</div>\n\
         </body></html>\n",
        weekday = weekday(today),
        day = local.day(),
        month = local.month(),
        year = local.year(),
        online = visits % 7 + 1,
        today_visits = 340 + visits,
    )
}

/// A section's list page, `page` counted from 1. The newest article stands on it twice, as featured ones do.
pub(super) fn list(section: &Section, articles: &[&Live], page: usize) -> String {
    let mut rows = String::new();
    let from = (page - 1) * PER_PAGE;
    for (i, live) in articles.iter().skip(from).take(PER_PAGE).enumerate() {
        let date = if page == 1 && i == 0 {
            format!(" <span class=\"ldate\">Ngày đăng: {}</span>", dashed(live.at))
        } else {
            String::new()
        };
        let _ = writeln!(rows, "<li>{}{date}</li>", link(live, true));
    }
    let next = if articles.len() > from + PER_PAGE {
        format!("<a href=\"/{}?page={}\">Trang sau</a>", section.slug, page + 1)
    } else {
        String::new()
    };
    let featured = articles
        .first()
        .map(|live| {
            format!(
                "<div class=\"featured\">TIN NỔI BẬT<ul><li>{}</li></ul></div>",
                link(live, true)
            )
        })
        .unwrap_or_default();
    format!(
        "<div class=\"page\"><div class=\"crumb\">Trang Nhất <b>{}</b></div>\n\
         pageHolder.getStart() - 0 pageHolder.getNumberObjects() - {PER_PAGE}\n\
         <ul class=\"list\">\n{rows}</ul>\n<div class=\"pager\">{next}</div>\n{featured}</div>",
        section.upper
    )
}

/// An article's page, with the other news of its section.
pub(super) fn article(live: &Live, others: &[&Live]) -> String {
    let sample = &live.sample;
    let mut body = String::new();
    for block in &sample.blocks {
        let _ = match block {
            Block::Paragraph(text) => writeln!(body, "<p style=\"text-align:justify\">{}</p>", text_of(text)),
            Block::Picture { name, caption } => writeln!(
                body,
                "<p style=\"text-align:center\"><img src=\"/o/3cmsnew-portlet/ViewImage?imagename={name}.svg\" alt=\"\"></p>\n\
                 <p style=\"text-align:center\"><em>{}</em></p>",
                text_of(caption)
            ),
        };
    }
    let mut related = String::new();
    for other in others {
        let day = other.at.with_timezone(&Ho_Chi_Minh);
        let _ = writeln!(
            related,
            "<li>{} ({})</li>",
            link(other, false),
            day.format("%d/%m/%Y")
        );
    }
    format!(
        "<div class=\"page\"><div class=\"crumb\">Trang Nhất <b>{section}</b></div>\n\
         <div class=\"title\">{title}</div>\n<div class=\"date\">{date}</div>\n\
         <div class=\"size\">Xem với cỡ chữ : <a href=\"#\">A-</a> <a href=\"#\">A</a> <a href=\"#\">A+</a></div>\n\
         <div class=\"body\">\n{body}<p style=\"text-align:right\"><strong>{author}</strong></p>\n</div>\n\
         <div class=\"rel\">Các tin khác\n<ul>\n{related}</ul></div>\n\
         <div class=\"empty\">{NO_ARTICLE}</div></div>",
        section = sample.section.upper,
        title = text_of(&sample.title),
        date = shown(live.at),
        author = text_of(&sample.author),
    )
}

/// What 3CMS shows in place of an article that is not there (with status 200), and in its empty second portlet.
pub(super) const NO_ARTICLE: &str = "Chi tiết bài viết tạm thời không có.";

/// An article's page where there is none.
pub(super) fn no_article() -> String {
    format!("<div class=\"page\">{NO_ARTICLE}</div>")
}

fn link(live: &Live, is_cut: bool) -> String {
    let title = if is_cut {
        cut(&live.sample.title)
    } else {
        live.sample.title.clone()
    };
    format!("<a href=\"{}\">{}</a>", live.path(), text_of(&title))
}

fn cut(title: &str) -> String {
    match title.char_indices().nth(TITLE_IN_LISTS) {
        Some((end, _)) => {
            let head = &title[..end];
            format!("{}...", &head[..head.rfind(' ').unwrap_or(end)])
        }
        None => title.to_owned(),
    }
}

fn text_of(text: &str) -> String {
    let Ok(safe) = escape(text, Html);
    safe.to_string()
}

fn weekday(at: DateTime<Utc>) -> &'static str {
    WEEKDAYS_VI[at.with_timezone(&Ho_Chi_Minh).weekday().num_days_from_monday() as usize]
}

/// `7:5, Thứ Năm, 30-11-2023`: 3CMS pads nothing.
fn shown(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&Ho_Chi_Minh);
    format!(
        "{}:{}, {}, {}-{}-{}",
        local.hour(),
        local.minute(),
        weekday(at),
        local.day(),
        local.month(),
        local.year()
    )
}

/// `30-11-2023`, as lists show it.
fn dashed(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.with_timezone(&Ho_Chi_Minh).format("%d-%m-%Y")
}
