//! robots.txt: what a portal asks of robots (RFC 9309, and `Crawl-delay`).

use std::time::Duration;

use url::Url;

/// The longest `Crawl-delay` that is honoured; more would stop the polling of a portal with many sections.
const LONGEST_DELAY: Duration = Duration::from_mins(1);

/// The rules of one robots.txt that hold for one robot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Robots {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: String,
}

/// A group: the robots it names and what it says to them.
#[derive(Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

impl Robots {
    /// No rules: everything is allowed. What a missing file means (RFC 9309, 2.3.1.3).
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// The rules for the robot whose product token is `agent` (`Loa`), or else those for `*`. Lines that are no rules
    /// are passed over, so that an HTML page sent by mistake allows everything.
    pub fn parse(text: &str, agent: &str) -> Self {
        let groups = groups(text.trim_start_matches('\u{feff}'));
        let agent = agent.to_ascii_lowercase();
        let of = |name: &str| {
            let mut own = Self::default();
            let mut is_named = false;
            for group in groups.iter().filter(|g| g.agents.iter().any(|a| a == name)) {
                is_named = true;
                own.rules.extend(group.rules.iter().cloned());
                own.crawl_delay = own.crawl_delay.or(group.crawl_delay);
            }
            is_named.then_some(own)
        };
        of(&agent).or_else(|| of("*")).unwrap_or_default()
    }

    /// Whether the address may be asked: the longest pattern that matches decides, and allows on a tie.
    pub fn allows(&self, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let matching = self.rules.iter().filter(|r| matches(&r.pattern, &path));
        matching
            .max_by_key(|r| (r.pattern.len(), r.allows))
            .is_none_or(|r| r.allows)
    }

    /// Least time between two requests, where the file asks for one.
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay
    }
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut is_naming = false;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        if key == "user-agent" {
            if !is_naming {
                groups.push(Group::default());
            }
            is_naming = true;
            let token = value.split(['/', ' ']).next().unwrap_or_default();
            groups
                .last_mut()
                .map(|g| g.agents.push(token.to_ascii_lowercase()))
                .unwrap_or_default();
            continue;
        }
        let Some(group) = groups.last_mut() else { continue };
        match key.as_str() {
            "allow" | "disallow" if value.is_empty() => is_naming = false,
            "allow" | "disallow" => {
                is_naming = false;
                group.rules.push(Rule {
                    allows: key == "allow",
                    pattern: encoded(value),
                });
            }
            "crawl-delay" => {
                is_naming = false;
                let seconds = value.parse::<f32>().ok().filter(|s| s.is_finite() && *s >= 0.0);
                group.crawl_delay =
                    seconds.map(|s| Duration::from_secs_f32(s.min(LONGEST_DELAY.as_secs_f32())));
            }
            _ => {}
        }
    }
    groups
}

/// A pattern in the form in which addresses stand: characters outside ASCII percent-encoded.
fn encoded(pattern: &str) -> String {
    percent_encoding::utf8_percent_encode(pattern, percent_encoding::CONTROLS).to_string()
}

/// `*` stands for any run of characters and `$` at the end for the end of the path; otherwise a prefix matches.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, is_anchored) = pattern.strip_suffix('$').map_or((pattern, false), |p| (p, true));
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return !is_anchored || rest.is_empty();
    };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    if is_anchored {
        rest.ends_with(last)
    } else {
        rest.contains(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(text: &str, path: &str) -> bool {
        let url = Url::parse("https://portal.example").unwrap().join(path).unwrap();
        Robots::parse(text, "Loa").allows(&url)
    }

    #[test]
    fn the_longest_match_decides_and_allows_on_a_tie() {
        let text = "User-agent: *\nDisallow: /quan-tri/\nAllow: /quan-tri/tin\nDisallow: /*?sort=\nDisallow: /*.pdf$";
        assert!(!allows(text, "/quan-tri/"));
        assert!(allows(text, "/quan-tri/tin/1"));
        assert!(!allows(text, "/tin?sort=1"));
        assert!(!allows(text, "/a.pdf"));
        assert!(allows(text, "/a.pdf?x=1"));
        assert!(allows("User-agent: *\nDisallow: /a\nAllow: /a", "/a"));
    }

    #[test]
    fn a_group_of_our_own_replaces_the_one_for_everybody() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: LOA/1.0\nDisallow: /x # comment\nCrawl-delay: 2.5";
        assert!(allows(text, "/tin-tuc"));
        assert!(!allows(text, "/x/1"));
        assert_eq!(
            Robots::parse(text, "Loa").crawl_delay(),
            Some(Duration::from_millis(2500))
        );
        assert_eq!(Robots::parse(text, "someone").crawl_delay(), None);
    }

    #[test]
    fn pages_that_are_no_robots_file_allow_everything() {
        assert!(allows("<html><body>Không tìm thấy: trang</body></html>", "/"));
        assert!(allows("User-agent: *\nDisallow:", "/"));
        assert!(!allows("User-agent: *\nDisallow: /tin-tức", "/tin-tức/1"));
    }
}
