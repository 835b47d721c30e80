//! The portals in force: compiled-in ones by name, own ones by path, pointed elsewhere where asked.

use std::{path::Path, str::FromStr};

use anyhow::Context as _;
use chrono_tz::Asia::Ho_Chi_Minh;
use croner::Cron;
use url::Url;

use crate::{config::ConfigError, domain::identity::PortalIdentity, portal::Portal, store::Store};

/// `--portal-url ID=URL`: polls a portal elsewhere (a replica) without changing its identity. A compiled-in portal joins
/// those of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUrl {
    id: String,
    url: Url,
}

impl FromStr for PortalUrl {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let expected = || format!("expected ID=URL, for example quangtri=http://127.0.0.1:8900; got {s:?}");
        let (id, url) = s.split_once('=').ok_or_else(expected)?;
        let url = Url::parse(url).map_err(|_| expected())?;
        let fits = !id.is_empty() && matches!(url.scheme(), "http" | "https") && url.has_host();
        if fits {
            Ok(Self {
                id: id.to_owned(),
                url,
            })
        } else {
            Err(expected())
        }
    }
}

/// Loads the portals that the settings name, and checks what hangs together.
pub fn load_portals(names: &[String], elsewhere: &[PortalUrl]) -> Result<Vec<Portal>, ConfigError> {
    let mut portals: Vec<Portal> = Vec::new();
    for name in names {
        let portal = load(name)?;
        if portals.iter().any(|other| other.id == portal.id) {
            return Err(ConfigError(format!("portals: {} stands twice", portal.id)));
        }
        check_schedules(name, &portal)?;
        portals.push(portal);
    }
    for PortalUrl { id, url } in elsewhere {
        let at = match portals.iter().position(|portal| portal.id == *id) {
            Some(at) => at,
            // A compiled-in portal that is pointed somewhere is meant to be polled there.
            None if Portal::builtin(id).is_some() => {
                portals.push(load(id)?);
                portals.len() - 1
            }
            None => {
                let known: Vec<_> = portals.iter().map(|portal| portal.id.as_str()).collect();
                return Err(ConfigError(format!(
                    "--portal-url {id}=…: no such portal among those of the setting portals ({})",
                    known.join(", ")
                )));
            }
        };
        let portal = portals.remove(at).with_base_url(url.clone());
        portals.insert(at, portal);
    }
    Ok(portals)
}

fn load(name: &str) -> Result<Portal, ConfigError> {
    let (source, text) = if let Some(text) = Portal::builtin(name) {
        (format!("config/portals/{name}.toml"), text.to_owned())
    } else {
        let text = std::fs::read_to_string(Path::new(name)).map_err(|e| {
            let known: Vec<_> = Portal::builtin_ids().collect();
            ConfigError(format!(
                "portals: {name:?} is neither compiled in ({}) nor a readable file ({e})",
                known.join(", ")
            ))
        })?;
        (name.to_owned(), text)
    };
    Portal::from_toml(&text).map_err(|e| {
        let words: Vec<String> = e.to_string().split_whitespace().map(str::to_owned).collect();
        ConfigError(format!("{source}: {}", words.join(" ")))
    })
}

fn check_schedules(source: &str, portal: &Portal) -> Result<(), ConfigError> {
    for section in &portal.sections {
        let fields = section.schedule.split_whitespace().count();
        let cron = Cron::from_str(&section.schedule);
        let ever = cron.is_ok_and(|cron| {
            let start = chrono::DateTime::UNIX_EPOCH.with_timezone(&Ho_Chi_Minh);
            cron.find_next_occurrence(&start, false).is_ok()
        });
        if fields != 6 || !ever {
            return Err(ConfigError(format!(
                "{source}: section {}: schedule {:?} is not a cron expression of six fields (second minute hour day month weekday), for example \"0 */10 * * * *\"",
                section.slug, section.schedule
            )));
        }
    }
    Ok(())
}

/// Remembers the portals of the settings. Gives all that there ever were, and what the identity of every feed begins with:
/// the first portal's when this Loa was set up, or feeds would be others when the settings name it second.
pub(super) async fn remember(
    store: &Store,
    portals: &[Portal],
) -> anyhow::Result<(Vec<PortalIdentity>, Option<String>)> {
    let identity = |portal: &Portal| PortalIdentity {
        id: portal.id.clone(),
        name: portal.name.clone(),
        authority: portal.authority.clone(),
        year: portal.year,
    };
    let named: Vec<PortalIdentity> = portals.iter().map(identity).collect();
    let remembered = store.remember_portals(&named).await;
    remembered.context("remembering the portals")?;
    let feed_tags = match named.first() {
        Some(first) => {
            let tags = format!("tag:{},{}:loa", first.authority, first.year);
            let tags = store.secret("feed tags", &tags).await;
            Some(tags.context("reading the identity of feeds")?)
        }
        None => None,
    };
    let all = store.portals().await.context("reading the portals")?;
    Ok((all, feed_tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiled_in_portal_that_is_pointed_somewhere_is_polled_there() {
        let quangtri = ["quangtri".to_owned()];
        let elsewhere = [
            "sotttt-hanoi=http://127.0.0.1:8900",
            "quangtri=http://127.0.0.1:8901",
        ];
        let elsewhere = elsewhere.map(|text| text.parse::<PortalUrl>().unwrap());
        let portals = load_portals(&quangtri, &elsewhere).unwrap();
        let found: Vec<_> = portals
            .iter()
            .map(|p| (p.id.as_str(), p.base_url.port()))
            .collect();
        assert_eq!(found, [("quangtri", Some(8901)), ("sotttt-hanoi", Some(8900))]);
        let unknown = ["hue=http://127.0.0.1:1".parse::<PortalUrl>().unwrap()];
        let refused = load_portals(&quangtri, &unknown).unwrap_err().to_string();
        assert!(
            refused.contains("--portal-url hue=…: no such portal"),
            "{refused}"
        );
    }
}
