//! Puts the parts that were found together: what is written of the page, and what is left out of it.

use std::ops::Range;

use scraper::ElementRef;

use super::content::{self, Around, Content};
use super::dates::Dated;
use super::metadata::Metadata;
use super::page::Page;
use super::people::{self, Found};
use super::title::Title;
use crate::portal::extract::locate::Located;

/// What the parts are put together from.
pub(super) struct Parts<'p, 'a> {
    pub(super) page: &'p Page<'a>,
    pub(super) metadata: &'p Metadata,
    pub(super) around: &'p Around<'p>,
}

impl Parts<'_, '_> {
    pub(super) fn assemble<'a>(
        &self,
        root: ElementRef<'a>,
        title: Title,
        dated: Dated,
        content: &Content,
    ) -> Located<'a> {
        let head = title.line.map_or(self.around.from, |at| at + 1);
        let lead = people::lead(self.page, self.metadata, head, content);
        let author = people::author(self.page, self.metadata, head, content);
        let section = people::section(self.page, self.metadata, &title.text);
        let mut lines = content.lines.clone();
        // The text begins behind its lead; a picture beside the lead is the list's.
        if let Some(own) = lead.as_ref().and_then(|l| l.lines.clone()) {
            let is_only_pictures = lines.start <= own.start
                && (lines.start..own.start)
                    .all(|i| self.page.lines[i].plain < LABEL || self.page.lines[i].is_furniture);
            if is_only_pictures && own.end < lines.end {
                lines.start = lines.start.max(own.end);
            }
        }
        let mut out = Vec::new();
        out.extend(title.line);
        out.extend(dated.line);
        out.extend(
            [&lead, &author]
                .into_iter()
                .flatten()
                .filter_map(|f| f.lines.clone())
                .flatten(),
        );
        let drop = self.left_out(&lines, &out);
        let warnings = warnings(&title, &dated, content);
        let ruled = |found: Option<Found>| found.map(|f| (f.text, f.rule));
        Located {
            title: Some((title.text, title.rule)),
            date: dated.reading,
            lead: ruled(lead),
            author: ruled(author),
            section: ruled(section),
            body: Some(((root, self.places(&lines)), content.rule.clone())),
            told_body: None,
            drop,
            has_mark: true,
            warnings,
        }
    }

    fn places(&self, lines: &Range<usize>) -> Range<usize> {
        match (self.page.lines.get(lines.start), lines.clone().next_back()) {
            (Some(first), Some(last)) => first.line.from..self.page.lines[last].line.to,
            _ => 0..0,
        }
    }

    /// Places within the body that are not its own, in order and apart from one another.
    fn left_out(&self, body: &Range<usize>, lines: &[usize]) -> Vec<Range<usize>> {
        let page = self.page;
        let is_dropped = |i: &usize| {
            let line = &page.lines[*i];
            line.is_furniture || lines.contains(i) || content::is_dropped(line, self.around.drop)
        };
        let mut all: Vec<Range<usize>> = body
            .clone()
            .filter(is_dropped)
            .map(|i| page.lines[i].line.from..page.lines[i].line.to)
            .collect();
        all.sort_by_key(|range| range.start);
        all
    }
}

/// What a person should compare with the page.
fn warnings(title: &Title, dated: &Dated, content: &Content) -> Vec<String> {
    let mut warnings = dated.warnings.clone();
    if !title.is_named_elsewhere && !title.rule.contains("h1") {
        warnings.push("the title was found by its place and look alone: compare it with the page".to_owned());
    }
    if content.prose < FEW {
        warnings.push("the body has hardly any text: compare it with the page".to_owned());
    }
    warnings
}

/// Shorter lines before a lead are labels (characters).
const LABEL: usize = 60;
/// A body with fewer characters is told.
const FEW: usize = 40;
