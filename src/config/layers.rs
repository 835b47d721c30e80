//! Laying the sources of settings over each other. The defaults are the schema: a key that they do not have is unknown,
//! and a value of another type than the default's is an error that names its source.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use toml::{Table, Value};

use super::{ConfigError, DEFAULT};

/// The prefix of variables; two underscores part the levels (`LOA__SMTP__HOST` is `smtp.host`).
const PREFIX: &str = "LOA__";

/// Keys that `loa config` and errors never show whole.
const SECRETS: [&str; 5] = [
    "smtp.password",
    "telegram.webhook_secret",
    "telegram.token",
    "telegram.proxy",
    "database.url",
];

/// All sources merged, and who said what.
#[derive(Debug, Clone)]
pub struct Layers {
    merged: Table,
    /// Key to the source that set it last.
    origin: BTreeMap<String, String>,
}

impl Layers {
    /// Reads the file (if any) and the variables over the defaults.
    pub fn read(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let defaults: Table = DEFAULT
            .parse()
            .map_err(|e| ConfigError(format!("config/default.toml: {e}")))?;
        let mut layers = Self {
            merged: defaults,
            origin: BTreeMap::new(),
        };
        if let Some(path) = file {
            let source = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|e| {
                ConfigError(format!(
                    "{source}: cannot be read ({e}); name a readable file with --config or LOA_CONFIG"
                ))
            })?;
            let table: Table = text.parse().map_err(|e: toml::de::Error| {
                let line = e.span().map_or(1, |span| {
                    text[..span.start.min(text.len())].lines().count().max(1)
                });
                ConfigError(format!(
                    "{source}: line {line}: not TOML: {}",
                    e.message().replace('\n', " ")
                ))
            })?;
            layers.lay(table, "", &source)?;
        }
        for (name, value) in environment {
            let Some(path) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let key = path.to_lowercase().replace("__", ".");
            layers.set_text(&key, value, name)?;
        }
        Ok(layers)
    }

    /// Sets one key from text, as a variable does. `source` is named in errors.
    pub fn set_text(&mut self, key: &str, text: &str, source: &str) -> Result<(), ConfigError> {
        let known = self.known(key).ok_or_else(|| self.unknown(key, source))?;
        let value = match known {
            Value::String(_) => Value::String(text.to_owned()),
            Value::Array(_) => Value::Array(
                text.split(',')
                    .map(|part| Value::String(part.trim().to_owned()))
                    .collect(),
            ),
            Value::Table(_) => return Err(is_a_section(source, key)),
            _ => text
                .trim()
                .parse::<Value>()
                .map_err(|_| wrong_type(source, key, text, known))?,
        };
        self.put(key, value, source)
    }

    /// The merged settings.
    pub fn merged(&self) -> &Table {
        &self.merged
    }

    /// Names the source of a value that has the right type but not a right value.
    pub fn blame(&self, e: &toml::de::Error) -> ConfigError {
        // The merged table has no spans: find the key whose value the message quotes by trying each one alone.
        for (key, source) in &self.origin {
            let mut one: Table = DEFAULT.parse().unwrap_or_default();
            if let Some(value) = self.known(key) {
                put(&mut one, key, value.clone());
                if let Err(alone) = one.try_into::<super::Config>() {
                    return ConfigError(format!("{source}: {key}: {}", plain(alone.message())));
                }
            }
        }
        ConfigError(plain(e.message()))
    }

    /// Puts the source of the key that an error begins with in front of it.
    pub(super) fn name_source(&self, e: ConfigError) -> ConfigError {
        let key = e.0.split([' ', ':']).next().unwrap_or_default();
        match self.origin.get(key) {
            Some(source) => ConfigError(format!("{source}: {e}")),
            None => e,
        }
    }

    fn lay(&mut self, table: Table, prefix: &str, source: &str) -> Result<(), ConfigError> {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}.{name}")
            };
            match (self.known(&key), value) {
                (None, _) => return Err(self.unknown(&key, source)),
                (Some(Value::Table(_)), Value::Table(inner)) => self.lay(inner, &key, source)?,
                (Some(Value::Table(_)), _) => return Err(is_a_section(source, &key)),
                (Some(_), value) => self.put(&key, value, source)?,
            }
        }
        Ok(())
    }

    fn put(&mut self, key: &str, value: Value, source: &str) -> Result<(), ConfigError> {
        let known = self.known(key).ok_or_else(|| self.unknown(key, source))?;
        if known.type_str() != value.type_str() {
            return Err(wrong_type(source, key, &value.to_string(), known));
        }
        put(&mut self.merged, key, value);
        self.origin.insert(key.to_owned(), source.to_owned());
        Ok(())
    }

    fn known(&self, key: &str) -> Option<&Value> {
        let mut parts = key.split('.');
        let mut value = self.merged.get(parts.next()?)?;
        for part in parts {
            value = value.as_table()?.get(part)?;
        }
        Some(value)
    }

    fn unknown(&self, key: &str, source: &str) -> ConfigError {
        let parent = key.rsplit_once('.').and_then(|(parent, _)| self.known(parent));
        let table = parent.and_then(Value::as_table).unwrap_or(&self.merged);
        let known: Vec<&str> = table.keys().map(String::as_str).collect();
        ConfigError(format!(
            "{source}: unknown key {key}; known here: {}",
            known.join(", ")
        ))
    }
}

fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        Some((head, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(head) {
                put(inner, rest, value);
            }
        }
        None => {
            table.insert(key.to_owned(), value);
        }
    }
}

fn is_a_section(source: &str, key: &str) -> ConfigError {
    ConfigError(format!("{source}: {key} is a section; set a key of it"))
}

/// serde's words for numbers, for people who write settings and no Rust.
fn plain(message: &str) -> String {
    message
        .replace('\n', " ")
        .replace("expected u16", "expected 0 to 65535")
        .replace("expected u32", "expected 0 or more")
        .replace("expected u64", "expected 0 or more")
        .replace("expected usize", "expected 0 or more")
}

fn wrong_type(source: &str, key: &str, got: &str, known: &Value) -> ConfigError {
    let got = if is_secret(key) { "***" } else { got };
    ConfigError(format!(
        "{source}: {key} is {got}; expected a value of type {} such as {known}",
        known.type_str()
    ))
}

fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// The settings in force as TOML, each with who set it, secrets masked.
pub fn masked(layers: &Layers) -> String {
    let mut out = String::new();
    write_table(layers, &layers.merged, "", &mut out);
    out
}

fn write_table(layers: &Layers, table: &Table, prefix: &str, out: &mut String) {
    let key_of = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        }
    };
    for (name, value) in table.iter().filter(|(_, value)| !value.is_table()) {
        let key = key_of(name);
        let shown = match value {
            Value::String(text) if is_secret(&key) && !text.is_empty() => format!("{:?}", mask(text)),
            other => other.to_string(),
        };
        let origin = layers
            .origin
            .get(&key)
            .map_or(String::new(), |source| format!("  # {source}"));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name} = {shown}{origin}");
    }
    for (name, inner) in table
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_table()?)))
    {
        let _ = writeln!(out, "\n[{}]", key_of(name));
        write_table(layers, inner, &key_of(name), out);
    }
}

/// An address (of a database, a proxy) keeps everything but its password, wherever it stands; other secrets keep nothing.
fn mask(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = url::Url::parse(text) else {
        return "***".to_owned();
    };
    if !url.has_host() || url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    if url.query_pairs().any(|(name, _)| name.contains("pass")) {
        url.set_query(Some("***"));
    }
    url.to_string()
}
