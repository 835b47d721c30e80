//! From rows to what is asked of the store: what all lines together say of a person or an office. A line that says otherwise
//! than one before it is refused, and both are named.

use std::collections::{BTreeMap, HashMap};

use chrono::Weekday;
use chrono_tz::Asia::Ho_Chi_Minh;

use super::read::{Row, Said};
use crate::{
    domain::{schedule::Schedule, subscription::Frequency, watch::Watch},
    store::OfficeOrder,
};

/// What the lines so far say.
#[derive(Default)]
pub(super) struct Plan {
    offices: BTreeMap<String, Office>,
    /// By channel and address.
    people: HashMap<(&'static str, String), Person>,
}

#[derive(Default)]
struct Office {
    said: Words,
    watches: BTreeMap<Watch, (Frequency, u64)>,
}

#[derive(Default)]
struct Person {
    said: Words,
    office: Option<(String, u64)>,
}

/// What was said, and where first.
#[derive(Default)]
struct Words {
    said: Said,
    lines: HashMap<&'static str, u64>,
}

impl Words {
    /// Adds what a line says; the error names a word that a line before has otherwise.
    fn add(&mut self, said: &Said, line: u64) -> Result<(), String> {
        macro_rules! checked {
            ($($field:ident),+) => {
                $(if let (Some(new), Some(old)) = (said.$field, self.said.$field) && new != old {
                    let field = stringify!($field);
                    let before = self.lines.get(field).copied().unwrap_or_default();
                    return Err(format!("{field} is another than on line {before}"));
                })+
                $(if self.said.$field.is_none() && said.$field.is_some() {
                    self.said.$field = said.$field;
                    self.lines.insert(stringify!($field), line);
                })+
            };
        }
        checked!(language, digest_at, days, zone, weekly_day);
        Ok(())
    }
}

/// Mail servers take capitals and small letters for one address.
fn key(row: &Row) -> (&'static str, String) {
    let address = &row.import.address;
    (address.channel().as_str(), address.as_str().to_lowercase())
}

impl Plan {
    /// Adds a line, or says which line before it says otherwise.
    pub fn add(&mut self, row: &Row, line: u64) -> Result<(), String> {
        let person = self.people.entry(key(row)).or_default();
        let Some(name) = &row.office else {
            if person.office.is_none() {
                return person
                    .said
                    .add(&row.said, line)
                    .map_err(|why| format!("{why}, for the same address"));
            }
            // Times are the office's; a line without an office that names some would be passed over in silence.
            let times = Said {
                language: None,
                ..row.said
            };
            if times != Said::default() {
                return Err("the address is in an office, whose lines say when its digests come".to_owned());
            }
            return person.said.add(&row.said, line);
        };
        if let Some((other, before)) = &person.office
            && other != name
        {
            return Err(format!("the address is in another office on line {before}"));
        }
        let language = Said {
            language: row.said.language,
            ..Said::default()
        };
        let times = Said {
            language: None,
            ..row.said
        };
        let office = self.offices.entry(name.clone()).or_default();
        let frequency = row.import.frequency;
        if let Some((other, before)) = office.watches.get(&row.import.watch)
            && *other != frequency
        {
            return Err(format!(
                "the same office has {} {other} on line {before}",
                row.import.watch
            ));
        }
        office
            .said
            .add(&times, line)
            .map_err(|why| format!("{why}, for the same office"))?;
        person
            .said
            .add(&language, line)
            .map_err(|why| format!("{why}, for the same address"))?;
        office
            .watches
            .entry(row.import.watch.clone())
            .or_insert((frequency, line));
        person.office.get_or_insert((name.clone(), line));
        Ok(())
    }

    /// What the offices order, by name.
    pub fn orders(&self) -> Vec<OfficeOrder> {
        let orders = self.offices.iter().map(|(name, office)| OfficeOrder {
            name: name.clone(),
            watches: office
                .watches
                .iter()
                .map(|(watch, (frequency, _))| (watch.clone(), *frequency))
                .collect(),
            schedules: schedules(&office.said.said),
        });
        orders.collect()
    }

    /// What all lines say of a row's person: language, own schedules, office.
    pub fn person(&self, row: &Row) -> (Said, Vec<Schedule>, Option<&str>) {
        let Some(person) = self.people.get(&key(row)) else {
            return (Said::default(), Vec::new(), None);
        };
        let office = person.office.as_ref().map(|(name, _)| name.as_str());
        let own = if office.is_some() {
            Vec::new()
        } else {
            schedules(&person.said.said)
        };
        (person.said.said, own, office)
    }
}

/// The schedules that the words make; those of a frequency of which nothing is said stay as they are.
fn schedules(said: &Said) -> Vec<Schedule> {
    let zone = said.zone.unwrap_or(Ho_Chi_Minh);
    let moved = said.digest_at.is_some() || said.zone.is_some();
    let mut schedules = Vec::new();
    if moved || said.days.is_some() {
        schedules.push(Schedule::daily(said.digest_at, said.days, zone));
    }
    if moved || said.weekly_day.is_some() {
        let day = said.weekly_day.unwrap_or(Weekday::Mon);
        schedules.push(Schedule::weekly(said.digest_at, day, zone));
    }
    schedules
}
