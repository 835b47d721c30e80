//! A Maildir that a mail server delivers to.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use loa::jobs::{
    Step,
    bounces::{KEPT_FOR, check},
};
use tempfile::TempDir;

use super::*;

for_each_db!(
    mails_are_taken_once_and_moved,
    what_cannot_be_moved_now_stays_and_counts_once,
    nothing_is_moved_while_the_database_is_away,
    what_was_taken_long_ago_is_thrown_away,
);

fn maildir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["new", "cur", "tmp"] {
        fs::create_dir(dir.path().join(name)).unwrap();
    }
    dir
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

async fn mails_are_taken_once_and_moved(db: TestDb) {
    let world = World::new(db).await;
    let delivery = world.owe(1).await;
    let dir = maildir();
    let (new, cur) = (dir.path().join("new"), dir.path().join("cur"));
    assert_eq!(world.returns.step(dir.path()).await.unwrap(), Step::Idle);
    fs::write(new.join("1.a.host"), world.sample("postfix-unknown", delivery)).unwrap();
    fs::write(new.join("2.b.host"), b"\xff\x00 no mail at all").unwrap();
    fs::write(new.join("3.c.host:2,"), world.sample("gmail-unknown", delivery)).unwrap();
    fs::write(new.join(".hidden"), b"x").unwrap();
    fs::create_dir(new.join("folder")).unwrap();
    fs::write(cur.join("0.somebody.elses:2,"), b"x").unwrap();
    assert_eq!(world.returns.step(dir.path()).await.unwrap(), Step::Worked(3));
    assert_eq!(names(&new), set([".hidden", "folder"]));
    assert_eq!(
        names(&cur),
        set([
            "0.somebody.elses:2,",
            "1.a.host:2,S",
            "2.b.host:2,S",
            "3.c.host:2,S"
        ])
    );
    assert_eq!(world.suppressed().await.len(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM bounces").await, 1);
    assert_eq!(world.returns.step(dir.path()).await.unwrap(), Step::Idle);
}

async fn what_cannot_be_moved_now_stays_and_counts_once(db: TestDb) {
    let world = World::new(db).await;
    let delivery = world.owe(1).await;
    let dir = maildir();
    let (new, cur) = (dir.path().join("new"), dir.path().join("cur"));
    fs::write(new.join("1.a.host"), world.sample("postfix-full", delivery)).unwrap();
    // Somebody put a folder where the mail is to go.
    fs::create_dir_all(cur.join("1.a.host:2,S/in-the-way")).unwrap();
    fs::write(new.join("2.b.host"), b"other").unwrap();
    let error = world.returns.step(dir.path()).await.unwrap_err();
    assert!(error.to_string().contains("cannot be moved to cur/"), "{error:#}");
    assert_eq!(
        names(&new),
        set(["1.a.host"]),
        "the others are taken all the same"
    );
    fs::remove_dir_all(cur.join("1.a.host:2,S")).unwrap();
    assert_eq!(world.returns.step(dir.path()).await.unwrap(), Step::Worked(1));
    assert_eq!(world.number("SELECT COUNT(*) FROM bounces").await, 1);
}

async fn nothing_is_moved_while_the_database_is_away(db: TestDb) {
    let world = World::new(db).await;
    let delivery = world.owe(1).await;
    let dir = maildir();
    let new = dir.path().join("new");
    fs::write(new.join("1.a.host"), world.sample("postfix-unknown", delivery)).unwrap();
    world.store().close().await;
    world.returns.step(dir.path()).await.unwrap_err();
    assert_eq!(names(&new), set(["1.a.host"]));
}

async fn what_was_taken_long_ago_is_thrown_away(db: TestDb) {
    let world = World::new(db).await;
    let dir = maildir();
    let cur = dir.path().join("cur");
    for (name, age) in [
        ("1.old:2,S", KEPT_FOR + TimeDelta::hours(1)),
        ("2.young:2,S", KEPT_FOR - TimeDelta::hours(1)),
        ("3.not.ours:2,", KEPT_FOR + TimeDelta::hours(1)),
    ] {
        let file = fs::File::create(cur.join(name)).unwrap();
        file.set_modified(DateTime::into(start() - age)).unwrap();
    }
    assert_eq!(world.returns.step(dir.path()).await.unwrap(), Step::Idle);
    assert_eq!(names(&cur), set(["2.young:2,S", "3.not.ours:2,"]));
}

#[tokio::test]
async fn a_maildir_that_is_not_one_is_named() {
    let dir = maildir();
    check(dir.path()).await.unwrap();
    assert_eq!(names(&dir.path().join("new")), set([]), "nothing is left behind");
    fs::remove_dir(dir.path().join("cur")).unwrap();
    let why = check(dir.path()).await.unwrap_err();
    assert!(why.ends_with("cur cannot be read (entity not found)"), "{why}");
    fs::set_permissions(dir.path().join("new"), fs::Permissions::from_mode(0o755)).unwrap();
}
