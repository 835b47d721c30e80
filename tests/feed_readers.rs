//! Feeds as other people's software reads them: libxml2, Ruby's strict parser, feedparser, feed-rs. A tool that is not
//! on the machine is skipped, and says so.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use loa::{
    domain::article::Article,
    feed::{Feed, Format, Item, Outline, OutlineGroup, opml},
};
use serde_json::Value;

use crate::feed_samples::{article, at, feed, full};

/// What the readers have to agree on: id, title, link, published and updated as seconds. RSS has no `updated`.
pub(crate) type Read = (String, String, String, i64, Option<i64>);

fn expected(feed: &Feed, format: Format) -> Vec<Read> {
    let link = |item: &Item| {
        item.url
            .replace("tin tức", "tin%20t%E1%BB%A9c")
            .replace('|', "%7C")
    };
    feed.items
        .iter()
        .map(|item| {
            (
                item.id.clone(),
                item.title.clone(),
                link(item),
                item.published.timestamp(),
                (format != Format::Rss).then(|| item.updated.timestamp()),
            )
        })
        .collect()
}

fn sample(format: Format) -> Feed {
    let second = Article {
        id: 8,
        key: "12346".to_owned(),
        title: "Bão số 5: học sinh nghỉ học 🌀".to_owned(),
        updated_at: at("2023-11-30T01:00:00Z"),
        ..article()
    };
    feed(format, vec![full(&article()), full(&second)])
}

/// Everything that broke a feed somewhere: forbidden characters, the end of CDATA, markup in texts, emoji.
fn evil(format: Format) -> Feed {
    let nasty = "a\u{1}b\u{B}c\u{FFFE}d\u{FFFF} ]]> <script>alert(1)</script> & &amp; &nbsp; \" ' 🙂\u{0}";
    let article = Article {
        title: nasty.to_owned(),
        lead: Some(nasty.to_owned()),
        author: Some(nasty.to_owned()),
        source: Some(nasty.to_owned()),
        key: nasty.to_owned(),
        url: format!("https://x.vn/{nasty}?q={nasty}"),
        body_html: format!("<p>{nasty}</p>"),
        ..article()
    };
    let mut feed = feed(format, vec![full(&article)]);
    nasty.clone_into(&mut feed.title);
    nasty.clone_into(&mut feed.description);
    nasty.clone_into(&mut feed.authority);
    feed.items[0].categories[0].label = nasty.to_owned();
    feed.items[0].attachments[0].media_type = Some(nasty.to_owned());
    feed
}

/// Runs a tool on the document; `None`, with a word, where it is not installed. Panics with the tool's own words where
/// it refuses the document.
pub(crate) fn run(tool: &str, arguments: &[&str], document: &[u8]) -> Option<String> {
    let spawned = Command::new(tool)
        .args(arguments)
        .env("PYTHONIOENCODING", "utf-8")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: no {tool}");
        return None;
    };
    // One that ends before it has read everything says why by its status.
    let written = child.stdin.take().unwrap().write_all(document);
    assert!(
        written.is_ok() || child.wait().is_ok_and(|status| !status.success()),
        "{tool} stopped reading"
    );
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) {
        println!("skipped: {}", said.trim());
        return None;
    }
    let text = String::from_utf8_lossy(document);
    assert!(
        output.status.success(),
        "{tool} refuses the document: {said}\n{text}"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Reads the rows that the scripts below print as JSON.
pub(crate) fn rows(json: &str) -> Vec<Read> {
    let rows: Value = serde_json::from_str(json).unwrap();
    let text = |row: &Value, at: usize| row[at].as_str().unwrap_or_default().to_owned();
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let published = row[3].as_i64().unwrap();
            (
                text(row, 0),
                text(row, 1),
                text(row, 2),
                published,
                row[4].as_i64(),
            )
        })
        .collect()
}

/// `RSS::Parser` with validation: it checks required elements, their number and their types.
pub(crate) const RUBY: &str = r"
begin; require 'rss'; require 'json'; rescue LoadError => e; warn e.message; exit 77; end
feed = RSS::Parser.parse(STDIN.read.force_encoding('UTF-8'), true)
rows = feed.items.map do |i|
  if feed.feed_type == 'atom'
    [i.id.content, i.title.content, i.links.find { |l| l.rel == 'alternate' }.href, i.published.content.to_i, i.updated.content.to_i]
  else
    raise 'guid is a permalink' if i.guid.isPermaLink
    [i.guid.content, i.title, i.link, i.pubDate.to_i, nil]
  end
end
puts rows.to_json
";

pub(crate) const FEEDPARSER: &str = r"
import sys, json, calendar
try: import feedparser
except ImportError: sys.stderr.write('no feedparser'); sys.exit(77)
d = feedparser.parse(sys.stdin.buffer.read(), response_headers={'content-type': sys.argv[1]})
if d.bozo: sys.exit('bozo: %r' % d.bozo_exception)
stamp = lambda t: calendar.timegm(t) if t else None
rss = d.version == 'rss20'
print(json.dumps([[e.id, e.title, e.link, stamp(e.published_parsed), None if rss else stamp(e.updated_parsed)] for e in d.entries]))
";

pub(crate) fn by_feed_rs(document: &[u8], format: Format) -> Vec<Read> {
    let read = feed_rs::parser::parse(document).unwrap();
    read.entries
        .into_iter()
        .map(|entry| {
            let link = entry
                .links
                .iter()
                .find(|link| link.rel.as_deref() != Some("enclosure"));
            let updated = entry.updated.map(|at| at.timestamp());
            (
                entry.id,
                entry.title.unwrap().content,
                link.unwrap().href.clone(),
                entry.published.unwrap().timestamp(),
                updated.filter(|_| format != Format::Rss),
            )
        })
        .collect()
}

#[test]
fn every_reader_reads_the_same() {
    for format in Format::ALL {
        let feed = sample(format);
        let document = feed.write(format);
        let expected = expected(&feed, format);
        assert_eq!(by_feed_rs(&document, format), expected, "feed-rs, {format:?}");
        if format == Format::Json {
            continue;
        }
        run("xmllint", &["--noout", "-"], &document);
        if let Some(json) = run("ruby", &["-e", RUBY], &document) {
            assert_eq!(rows(&json), expected, "ruby, {format:?}");
        }
        if let Some(json) = run("python3", &["-c", FEEDPARSER, format.content_type()], &document) {
            assert_eq!(rows(&json), expected, "feedparser, {format:?}");
        }
    }
}

#[test]
fn an_empty_feed_is_a_feed() {
    for format in Format::ALL {
        let document = feed(format, vec![]).write(format);
        assert_eq!(by_feed_rs(&document, format), []);
        if format != Format::Json {
            run("xmllint", &["--noout", "-"], &document);
            run("ruby", &["-e", RUBY], &document);
            run("python3", &["-c", FEEDPARSER, format.content_type()], &document);
        }
    }
}

#[test]
fn evil_content_breaks_no_reader() {
    for format in [Format::Rss, Format::Atom] {
        let document = evil(format).write(format);
        run("xmllint", &["--noout", "-"], &document);
        run("ruby", &["-e", RUBY], &document);
        run("python3", &["-c", FEEDPARSER, format.content_type()], &document);
    }
}

#[test]
fn evil_content_arrives_as_text_without_what_xml_forbids() {
    // The word joiners keep readers that take titles for HTML from finding tags and entities in them.
    let title = "ab cd ]]> <\u{2060}script>alert(1)<\u{2060}/script> & &\u{2060}amp; &\u{2060}nbsp; \" ' 🙂";
    for format in Format::ALL {
        let document = evil(format).write(format);
        let text = String::from_utf8(document.clone()).unwrap();
        let forbidden = ['\u{0}', '\u{1}', '\u{B}', '\u{FFFE}', '\u{FFFF}'];
        assert!(!text.contains(forbidden) && !text.contains("\\u00"), "{format:?}");
        let read = feed_rs::parser::parse(&document[..]).unwrap();
        assert_eq!(read.title.unwrap().content, title, "{format:?}");
        let entry = &read.entries[0];
        assert_eq!(entry.title.as_ref().unwrap().content, title, "{format:?}");
        let file = &read.entries[0].media;
        assert!(
            file.iter()
                .all(|media| media.content.iter().all(|c| c.content_type.is_none()))
        );
    }
    let rss = rss::Channel::read_from(&evil(Format::Rss).write(Format::Rss)[..]).unwrap();
    let item = &rss.items()[0];
    assert_eq!(item.title(), Some(title));
    let harmless = "ab cd ]]> <script>alert(1)</script> & &amp; &nbsp; \" ' 🙂";
    assert_eq!(item.content(), Some(format!("<p>{harmless}</p>").as_str()));
    let escaped = "ab cd ]]&gt; &lt;script&gt;alert(1)&lt;/script&gt; &amp; &amp;amp; &amp;nbsp; &quot; ' 🙂";
    assert_eq!(item.description(), Some(escaped), "a description is HTML");
}

#[test]
fn the_list_of_feeds_is_well_formed() {
    let outline = Outline {
        title: "a\u{1} <b> & \"c\"".to_owned(),
        feed_url: "https://x.vn/a.rss?q=a b&c=\"".to_owned(),
        html_url: "https://x.vn/".to_owned(),
    };
    let group = OutlineGroup {
        title: "<&>".to_owned(),
        feeds: vec![outline],
    };
    run("xmllint", &["--noout", "-"], &opml("Loa & co", &[group]));
}
