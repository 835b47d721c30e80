//! The rooms and their directions (ARCHITECTURE.md), read from the sources themselves: one crate has no other fence.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A source file: its path from `src/`, and its text without comments.
struct Source {
    path: String,
    text: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source {
                    path: path.strip_prefix(&root).unwrap().display().to_string(),
                    lines: text.lines().count(),
                    text: without_comments(&text),
                });
            }
        }
    }
    assert!(found.len() > 50, "the sources are where they are looked for");
    found
}

fn without_comments(text: &str) -> String {
    let code = |line: &str| {
        let line = line.trim_start();
        if line.starts_with("//") { "" } else { line }.to_owned() + "\n"
    };
    text.lines().map(code).collect()
}

impl Source {
    /// The top module: `store` of `store/mod.rs`, `clock` of `clock.rs`.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The rooms that it names: `crate::x`, each of `use crate::{x, y::z}`, and `super::x` where that is a room.
    fn uses(&self) -> BTreeSet<String> {
        let mut rooms = BTreeSet::new();
        for (at, _) in self.text.match_indices("crate::") {
            let is_path = !self.text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let rest = &self.text[at + "crate::".len()..];
            if !is_path {
                continue;
            }
            match rest.strip_prefix('{') {
                Some(group) => rooms.extend(first_names(group)),
                None => rooms.extend(name(rest)),
            }
        }
        rooms.remove(self.room());
        rooms
    }
}

/// The names at the first level of a group whose brace is open.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut at_start) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            c if c.is_whitespace() => {}
            _ if at_start => {
                names.extend(name(&group[at..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> Option<String> {
    let name: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    // `on_db!` and the like are macros, not rooms.
    (!name.is_empty() && !text[name.len()..].starts_with('!')).then_some(name)
}

/// Every use of another room that `is_fine` does not allow, as `file -> room`.
fn breaches(is_fine: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut breaches = Vec::new();
    for source in sources() {
        for room in source.uses() {
            if !is_fine(&source, &room) {
                breaches.push(format!("{} -> {room}", source.path));
            }
        }
    }
    breaches
}

/// The files that hold one of the words outside of comments and may not.
fn files_with(words: &[&str], may: impl Fn(&Source) -> bool) -> Vec<String> {
    sources()
        .iter()
        .filter(|source| !may(source) && words.iter().any(|word| source.text.contains(word)))
        .map(|source| source.path.clone())
        .collect()
}

const NONE: [String; 0] = [];

#[test]
fn uses_are_read_in_all_their_forms() {
    let source = Source {
        path: "web/x.rs".to_owned(),
        text: "use crate::{\n    domain::{article::{A, B}, topic},\n    store::Page, web::lang,\n};\n\
               use crate::feed::Item;\nfn f() { crate::portal::x(); mycrate::no(); crate::on_db!(y) }"
            .to_owned(),
        lines: 5,
    };
    let uses: Vec<_> = source.uses().into_iter().collect();
    assert_eq!(uses, ["domain", "feed", "portal", "store"]);
}

#[test]
fn each_room_uses_only_the_rooms_below_it() {
    let breaches = breaches(|source, room| match source.room() {
        "clock" | "store" | "feed" => room == "domain",
        "portal" | "notify" => room == "domain" || room == "net",
        "config" => ["notify", "store", "domain"].contains(&room),
        "jobs" => ["domain", "clock", "measure", "store", "portal", "notify"].contains(&room),
        "web" | "bot" => ["domain", "clock", "measure", "store", "portal", "feed"].contains(&room),
        "demo" => ["domain", "web"].contains(&room),
        "app" => room != "commands" && room != "demo",
        "commands" => true,
        "main" | "lib" => room == "commands",
        // domain, net and measure, and whatever this list does not know yet.
        _ => false,
    });
    assert_eq!(breaches, NONE, "see ARCHITECTURE.md, Rooms and directions");
}

#[test]
fn only_the_composition_root_and_the_commands_see_the_settings_and_the_demo() {
    let of = |room: &'static str, who: &'static [&'static str]| {
        breaches(move |source, used| used != room || who.contains(&source.room()))
    };
    assert_eq!(of("config", &["main", "app", "commands"]), NONE);
    assert_eq!(of("demo", &["commands"]), NONE);
    assert_eq!(of("app", &["main", "commands"]), NONE);
    assert_eq!(of("commands", &["main"]), NONE);
}

#[test]
fn the_settings_know_of_other_rooms_only_what_they_check() {
    let config = sources().into_iter().filter(|source| source.room() == "config");
    for source in config {
        let text = source
            .text
            .replace("notify::Secret", "")
            .replace("store::is_supported", "");
        let text = text
            .replace("use crate::{notify::Secret, store}", "")
            .replace("{, store}", "");
        assert!(
            !text.contains("notify::") && !text.contains("store::"),
            "{}",
            source.path
        );
    }
}

#[test]
fn sql_stands_in_the_store_alone() {
    let may = |source: &Source| source.room() == "store";
    assert_eq!(
        files_with(&["sqlx", "SELECT ", "INSERT INTO", "DELETE FROM"], may),
        NONE
    );
}

#[test]
fn the_environment_is_read_by_the_settings_alone() {
    let may = |source: &Source| source.room() == "config";
    assert_eq!(files_with(&["env::var", "env::vars", "env::set_var"], may), NONE);
}

#[test]
fn the_time_is_read_by_the_clock_alone() {
    let may = |source: &Source| source.path == "clock.rs";
    assert_eq!(
        files_with(&["Utc::now", "Local::now", "SystemTime::now"], may),
        NONE
    );
    // Durations on the machine's own clock: pauses between requests, idle connections, how long a poll took.
    let may = |source: &Source| ["portal", "notify", "jobs"].contains(&source.room());
    assert_eq!(files_with(&["Instant::now"], may), NONE);
}

#[test]
fn pure_rooms_do_no_input_and_output() {
    let may = |source: &Source| {
        let pure = ["domain", "feed"].contains(&source.room())
            || ["portal/extract", "portal/date", "notify/message", "web/pages"]
                .iter()
                .any(|folder| source.path.starts_with(folder));
        !pure
    };
    assert_eq!(
        files_with(
            &["async fn", ".await", "tokio::", "std::fs", "reqwest", "std::net"],
            may
        ),
        NONE
    );
}

#[test]
fn files_stay_short_and_are_named_for_what_they_hold() {
    let too_long: Vec<_> = sources()
        .iter()
        .filter(|source| source.lines > 350)
        .map(|source| format!("{} has {} lines", source.path, source.lines))
        .collect();
    assert_eq!(too_long, NONE, "think again past 350");
    let vague = ["utils", "util", "helpers", "helper", "misc", "common", "manager"];
    let named: Vec<_> = sources()
        .iter()
        .filter(|source| {
            vague
                .iter()
                .any(|word| source.path.split(['/', '.']).any(|part| part == *word))
        })
        .map(|source| source.path.clone())
        .collect();
    assert_eq!(named, NONE);
}
