//! Who a mail is from.

use std::fmt;

use crate::domain::{
    subscription::{Address, Channel},
    text,
};

/// A sender as `From` shows it: `Loa <loa@example.vn>` or the bare address.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: Address,
}

/// Not a sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a sender (expected `Name <name@host>` or name@host)")]
pub struct SenderError;

impl Sender {
    /// Checks `Name <name@host>` or `name@host`; quotation marks around the name are dropped.
    pub fn parse(from: &str) -> Result<Self, SenderError> {
        let (name, address) = match from.trim().strip_suffix('>') {
            None => ("", from),
            Some(rest) => rest.rsplit_once('<').ok_or(SenderError)?,
        };
        let name = text::one_line(&name.replace(['"', '<', '>'], " "));
        if name.chars().any(char::is_control) {
            return Err(SenderError);
        }
        let address = Address::parse(Channel::Email, address).map_err(|_| SenderError)?;
        Ok(Self {
            name: Some(name).filter(|name| !name.is_empty()),
            address,
        })
    }

    /// The name shown, where there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address itself.
    pub fn address(&self) -> &str {
        self.address.as_str()
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender({})", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        let both = Sender::parse("\"Loa Quảng Trị\" <loa@Example.VN>").unwrap();
        assert_eq!(
            (both.name(), both.address()),
            (Some("Loa Quảng Trị"), "loa@example.vn")
        );
        assert_eq!(Sender::parse("loa@example.vn").unwrap().name(), None);
        for bad in [
            "",
            "Loa",
            "Loa <loa>",
            "loa@example.vn>",
            "a <b@c.vn>\r\nBcc: <d@e.vn>x",
        ] {
            assert_eq!(Sender::parse(bad), Err(SenderError), "{bad:?}");
        }
    }
}
