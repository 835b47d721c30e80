//! What polls have found so far, beside what the portal answers just now: sections that are degraded, gone or moved, and
//! who is told.

use url::Url;

use super::Report;
use crate::{
    app::App,
    domain::{breakage::Cause, subscription::Address, time},
    portal::Portal,
    store::{SectionRow, StoreError},
};

/// A line for each section in trouble, and one for the alarms.
pub(super) async fn check(app: &App, report: &mut Report) -> Result<(), StoreError> {
    for section in app.store.sections().await? {
        let portal = app.portals.iter().find(|portal| portal.id == section.portal);
        check_section(&section, portal, report);
    }
    let waiting = app.store.alarms_waiting().await?;
    let operators = &app.config.alerts.operator;
    if operators.is_empty() {
        let how = format!(
            "set alerts.operator to be told by mail when a section breaks{}",
            untold(waiting)
        );
        Report::off("alarms", &how);
    } else if app.config.smtp.host.is_empty() {
        let how = format!(
            "alerts.operator is set but smtp.host is not: nobody is told{}",
            untold(waiting)
        );
        Report::off("alarms", &how);
    } else {
        let told: Vec<&str> = operators.iter().map(Address::as_str).collect();
        let are = if told.len() == 1 { "is" } else { "are" };
        report.line(
            "alarms",
            Ok(format!("{} {are} told by mail; {waiting} wait", told.join(", "))),
        );
    }
    Ok(())
}

fn untold(waiting: i64) -> String {
    match waiting {
        0 => String::new(),
        n => format!("; {n} not told"),
    }
}

fn check_section(section: &SectionRow, portal: Option<&Portal>, report: &mut Report) {
    let name = format!("polls of {}/{}", section.portal, section.slug);
    let page = portal
        .and_then(|portal| Some(portal.section_url(portal.section(&section.slug)?).to_string()))
        .unwrap_or_default();
    if let Some(at) = section.gone_at {
        let why = format!(
            "the list answers 410 since {}: gone for good, not asked again by itself; {}",
            time::moment(at),
            advice(Cause::Gone, &page, section)
        );
        report.line(&name, Err(why));
    } else if let Some(at) = section.degraded_at {
        let word = section.degraded_by.as_deref().unwrap_or("unknown");
        let why = section.degraded_why.as_deref().unwrap_or("no reason was kept");
        let advice = Cause::parse(word).map_or_else(
            || format!("see what loa try '{page}' says"),
            |cause| advice(cause, &page, section),
        );
        report.line(
            &name,
            Err(format!("{word} since {}: {why}; {advice}", time::moment(at))),
        );
    }
    if let Some(to) = &section.moved_to {
        let what = format!(
            "the portal redirects the list for good to {to}; {}",
            new_address(to, portal, section)
        );
        Report::note(&name, &what);
    }
}

/// What to write into the portal's file.
fn new_address(to: &str, portal: Option<&Portal>, section: &SectionRow) -> String {
    let SectionRow { portal: id, slug, .. } = section;
    let inside = portal.zip(Url::parse(to).ok()).and_then(|(portal, url)| {
        let is_same = portal.base_url.origin() == url.origin();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        is_same.then(|| format!("{}{query}", url.path()))
    });
    match inside {
        Some(path) => format!("in the file of portal {id}, set path = {path:?} for section {slug}"),
        None => format!(
            "the portal has another address: change base_url in the file of portal {id}, or the section's path"
        ),
    }
}

/// What to do about a cause, in a line.
fn advice(cause: Cause, page: &str, section: &SectionRow) -> String {
    let SectionRow { portal, slug, .. } = section;
    match cause {
        Cause::Empty | Cause::Drop => {
            format!(
                "compare {page} in a browser with loa try '{page}'; if it shows more, see docs/portals.md"
            )
        }
        Cause::Challenge => {
            "ask the portal to let through polling.user_agent and this machine's address".to_owned()
        }
        Cause::Login => format!("if {page} is no longer public, take the section out of the portal's file"),
        Cause::Maintenance => "wait; if it lasts, ask the portal".to_owned(),
        Cause::Layout => format!("run loa try '{page}', and describe the new layout as docs/portals.md says"),
        Cause::Yield => "run loa try on a new article's address, and see docs/portals.md".to_owned(),
        Cause::Failing => format!("open {page} from this machine; if it fails there too, tell the portal"),
        Cause::Gone => format!(
            "correct the section's path or take it out of the portal's file; if the page is back, run loa poll --portal {portal} --section {slug}"
        ),
        Cause::Robots => {
            "ask the portal to allow polling.user_agent in robots.txt, or take the section out of its file"
                .to_owned()
        }
    }
}
