//! Stored articles follow a change of the topic rules, in steps and silently, and what staff say holds whatever the rules do.

use std::{collections::BTreeSet, sync::Arc};

use loa::{
    domain::{
        classify::{Classifier, Taxonomy},
        subscription::{Channel, Frequency},
        topic::Place,
        watch::Watch,
    },
    jobs::{
        Step,
        fanout::fanout,
        reclassify::{CHUNK, Reclassification},
        rules::{InForce, Rules},
    },
    store::{Page, Reclassified, Store},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start, subscribe},
};

for_each_db!(
    articles_follow_other_rules_and_only_the_feeds_concerned_change,
    nobody_is_told_of_old_news,
    a_broken_off_classification_goes_on_where_it_stopped,
    processes_with_different_rules_do_not_undo_each_other,
    what_staff_say_holds_after_a_change_of_the_rules,
    an_article_that_changed_meanwhile_is_left_alone,
    a_learned_model_is_kept_until_it_is_taken_out,
);

const SCIENCE: &str = "khoa-hoc-cong-nghe";
const HEALTH: &str = "y-te-suc-khoe";

/// Rules of the two topics, each by one phrase.
fn rules(science: &str, health: &str) -> InForce {
    let topic = |slug: &str, phrase: &str| {
        format!("[[topic]]\nslug = \"{slug}\"\nvi = \"A\"\nen = \"A\"\nphrases = [[\"{phrase}\", 3.0]]\n")
    };
    let toml = format!(
        "version = 1\n[engine]\ntitle_mult = 3.0\nlead_mult = 1.5\ntf = \"1+ln\"\nneg_cap = 0.5\nthreshold = 6.0\n\
         relative = 0.25\nboundary = \"syllable\"\n{}{}",
        topic(SCIENCE, science),
        topic(HEALTH, health)
    );
    let taxonomy = Taxonomy::parse(&toml).unwrap();
    InForce {
        classifier: Arc::new(Classifier::new(&taxonomy).unwrap()),
        hash: format!("{science} {health}"),
    }
}

fn again(store: &Store, rules: &Rules) -> Reclassification {
    Reclassification::new(store.clone(), Vec::new().into(), rules.clone())
}

async fn until_idle(again: &Reclassification) -> usize {
    let mut steps = 0;
    while again.step(start()).await.unwrap() != Step::Idle {
        steps += 1;
    }
    steps
}

async fn slugs(store: &Store, article: i64) -> BTreeSet<String> {
    let article = store.article(article).await.unwrap().unwrap();
    article.topics.into_iter().map(|topic| topic.slug).collect()
}

fn set(slugs: &[&str]) -> BTreeSet<String> {
    slugs.iter().map(ToString::to_string).collect()
}

async fn listed(store: &Store, slug: &str) -> usize {
    let page = Page {
        before: None,
        limit: 500,
    };
    let watch = Watch::Topic(slug.to_owned());
    store.list(&watch, page).await.unwrap().len()
}

async fn articles_follow_other_rules_and_only_the_feeds_concerned_change(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    // "Tỉnh công bố đề tài khoa học số 1": health by mistake.
    record(&db.store, section, 1, &[HEALTH], None).await;
    let in_force = Rules::new(rules("đề tài khoa học", "bệnh viện"));
    let again = again(&db.store, &in_force);
    let before = db.store.change_clock().await.unwrap();
    until_idle(&again).await;
    assert_eq!(slugs(&db.store, 1).await, set(&[SCIENCE]));
    assert_eq!(
        (listed(&db.store, SCIENCE).await, listed(&db.store, HEALTH).await),
        (1, 0)
    );
    let changed = |changes: Vec<loa::store::Change>| -> BTreeSet<String> {
        changes.iter().map(|change| change.watch.to_string()).collect()
    };
    let changes = db.store.changes_after(before).await.unwrap();
    assert!(
        changed(changes).is_superset(&set(&["topic:khoa-hoc-cong-nghe", "topic:y-te-suc-khoe"])),
        "the feed that it joins and the one that it leaves"
    );
    // Other evidence for the same topics is kept, and no feed changes.
    let before = db.store.change_clock().await.unwrap();
    in_force.replace(rules("đề tài", "bệnh viện"));
    until_idle(&again).await;
    let article = db.store.article(1).await.unwrap().unwrap();
    assert_eq!(article.topics[0].evidence[0].phrase, "đề tài");
    assert_eq!(db.store.change_clock().await.unwrap(), before);
    assert_eq!(until_idle(&again).await, 0, "nothing is left to do");
}

async fn nobody_is_told_of_old_news(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    subscribe(
        &db.store,
        "lan@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    )
    .await;
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &[HEALTH], Some(round)).await;
    db.store.close_fanout(round, start()).await.unwrap();
    while fanout(&db.store, start()).await.unwrap() != Step::Idle {}
    until_idle(&again(
        &db.store,
        &Rules::new(rules("đề tài khoa học", "bệnh viện")),
    ))
    .await;
    assert_eq!(slugs(&db.store, 1).await, set(&[SCIENCE]));
    while fanout(&db.store, start()).await.unwrap() != Step::Idle {}
    let owed = db.store.claim(Channel::Email, 10, 1, start()).await.unwrap();
    assert!(owed.is_empty(), "{owed:?}");
}

async fn a_broken_off_classification_goes_on_where_it_stopped(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    for n in 1..=CHUNK + 5 {
        record(&db.store, section, n, &[], None).await;
    }
    let in_force = Rules::new(rules("đề tài khoa học", "bệnh viện"));
    let first = again(&db.store, &in_force);
    for _ in 0..2 {
        first.step(start()).await.unwrap();
    }
    let count = usize::try_from(CHUNK).unwrap();
    assert_eq!(listed(&db.store, SCIENCE).await, count, "begun, and one chunk");
    // The process dies; another one goes on.
    let second = again(&db.store, &in_force);
    assert_eq!(second.step(start()).await.unwrap(), Step::Worked(5));
    assert_eq!(listed(&db.store, SCIENCE).await, count + 5);
    until_idle(&second).await;
    let known = db.store.classification().await.unwrap().unwrap();
    assert_eq!(known.finished_at, Some(start()));
}

async fn processes_with_different_rules_do_not_undo_each_other(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &[], None).await;
    let old = again(&db.store, &Rules::new(rules("bệnh viện", "đề tài khoa học")));
    let new = again(&db.store, &Rules::new(rules("đề tài khoa học", "bệnh viện")));
    until_idle(&old).await;
    until_idle(&new).await;
    assert_eq!(slugs(&db.store, 1).await, set(&[SCIENCE]));
    assert_eq!(until_idle(&old).await, 0, "the one that began earlier lets it be");
    assert_eq!(slugs(&db.store, 1).await, set(&[SCIENCE]));
}

async fn what_staff_say_holds_after_a_change_of_the_rules(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &[], None).await;
    db.store.correct(1, SCIENCE, Some(false), start()).await.unwrap();
    db.store.correct(1, HEALTH, Some(true), start()).await.unwrap();
    let in_force = Rules::new(rules("đề tài khoa học", "bệnh viện"));
    let again = again(&db.store, &in_force);
    until_idle(&again).await;
    assert_eq!(slugs(&db.store, 1).await, set(&[HEALTH]));
    let article = db.store.article(1).await.unwrap().unwrap();
    assert_eq!(article.topics[0].evidence[0].place, Place::Staff);
    // They take their word back: the rules count again.
    db.store.correct(1, SCIENCE, None, start()).await.unwrap();
    db.store.correct(1, HEALTH, Some(false), start()).await.unwrap();
    in_force.replace(rules("khoa học", "bệnh viện"));
    until_idle(&again).await;
    assert_eq!(slugs(&db.store, 1).await, set(&[SCIENCE]));
}

async fn an_article_that_changed_meanwhile_is_left_alone(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &[SCIENCE], None).await;
    let read = db.store.article(1).await.unwrap().unwrap();
    let later = start() + chrono::TimeDelta::minutes(1);
    let mut edited = page(1);
    "Bài đã sửa.".clone_into(&mut edited.body_text);
    record_page(&db.store, section, &edited, &[HEALTH], None, later).await;
    let stale = Reclassified {
        article: 1,
        updated_at: read.updated_at,
        sections: 1,
        topics: Vec::new(),
    };
    db.store.reclassify(&stale, later).await.unwrap();
    assert_eq!(slugs(&db.store, 1).await, set(&[HEALTH]));
    let elsewhere = Reclassified {
        updated_at: later,
        sections: 2,
        ..stale.clone()
    };
    db.store.reclassify(&elsewhere, later).await.unwrap();
    assert_eq!(
        slugs(&db.store, 1).await,
        set(&[HEALTH]),
        "it came to another section"
    );
    let fresh = Reclassified {
        updated_at: later,
        ..stale
    };
    db.store.reclassify(&fresh, later).await.unwrap();
    assert_eq!(slugs(&db.store, 1).await, set(&[]));
}

async fn a_learned_model_is_kept_until_it_is_taken_out(db: TestDb) {
    assert_eq!(db.store.learned_version().await.unwrap(), 0);
    db.store.learn(Some(b"one"), start()).await.unwrap();
    db.store.learn(Some(b"two"), start()).await.unwrap();
    assert_eq!(
        db.store.learned().await.unwrap().as_deref(),
        Some(b"two".as_slice())
    );
    db.store.learn(None, start()).await.unwrap();
    assert_eq!(db.store.learned().await.unwrap(), None);
    assert_eq!(db.store.learned_version().await.unwrap(), 3);
}
