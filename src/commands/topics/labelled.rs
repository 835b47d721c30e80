//! Articles of which people said what they are about, in folders and files.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    super::Failure,
    text_file::{self, TextFile},
};
use crate::domain::classify::Taxonomy;

/// The folder of articles that have no topic.
const NO_TOPIC: &str = "none";

/// Reads a folder with a folder per topic, or a file of JSON lines. At least one article, and no topic but those of the rules.
pub(super) fn read(path: &Path, taxonomy: &Taxonomy) -> Result<Vec<Labelled>, Failure> {
    let labelled = if path.is_dir() {
        folders(path)?
    } else {
        json_lines(path)?
    };
    if labelled.is_empty() {
        return Err(Failure::Usage(format!(
            "{}: holds no labelled article",
            path.display()
        )));
    }
    let mut topics = labelled.iter().flat_map(|article| &article.topics);
    if let Some(slug) = topics.find(|slug| taxonomy.label(slug).is_none()) {
        let slugs: Vec<&str> = taxonomy.labels().iter().map(|l| l.slug.as_str()).collect();
        return Err(Failure::Usage(format!(
            "{}: {slug} is no topic of the rules; those are {}",
            path.display(),
            slugs.join(", ")
        )));
    }
    Ok(labelled)
}

/// One article.
pub(super) struct Labelled {
    pub text: TextFile,
    /// All of its topics.
    pub topics: BTreeSet<String>,
}

fn folders(root: &Path) -> Result<Vec<Labelled>, Failure> {
    let mut by_name: BTreeMap<String, Labelled> = BTreeMap::new();
    for folder in entries(root)?.into_iter().filter(|path| path.is_dir()) {
        let slug = name(&folder);
        for file in entries(&folder)? {
            if file.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let text = text_file::read(&file)?;
            let article = by_name.entry(name(&file)).or_insert_with(|| Labelled {
                text,
                topics: BTreeSet::new(),
            });
            if slug != NO_TOPIC {
                article.topics.insert(slug.clone());
            }
        }
    }
    Ok(by_name.into_values().collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let wrong = |e: std::io::Error| Failure::Usage(format!("{}: cannot be read ({e})", folder.display()));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        paths.push(entry.map_err(wrong)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[derive(Deserialize)]
struct Line {
    title: String,
    lead: Option<String>,
    #[serde(default)]
    body: String,
    topics: BTreeSet<String>,
}

fn json_lines(file: &Path) -> Result<Vec<Labelled>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| {
        Failure::Usage(format!(
            "{}: neither a folder nor a readable file ({e})",
            file.display()
        ))
    })?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let line: Line = serde_json::from_str(line).map_err(|e| {
                Failure::Usage(format!(
                    "{}: line {}: {e}; expected an object with title, lead and topics",
                    file.display(),
                    number + 1
                ))
            })?;
            Ok(Labelled {
                text: TextFile {
                    title: line.title,
                    lead: line.lead,
                    body: line.body,
                },
                topics: line.topics,
            })
        })
        .collect()
}
