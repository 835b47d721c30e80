//! Who runs the service, as every mail says it.

use super::item::clean;

/// Characters of each line.
const LINE_CHARS: usize = 200;

/// The owner, their postal address and how to reach them: Decree 147/2024 asks for them. Each may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    owner: String,
    address: String,
    contact: String,
}

impl Operator {
    /// As the settings name them, each made one line.
    pub fn new(owner: &str, address: &str, contact: &str) -> Self {
        let [owner, address, contact] = [owner, address, contact].map(|line| clean(line, LINE_CHARS));
        Self {
            owner,
            address,
            contact,
        }
    }

    /// Their name.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Their postal address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// An e-mail address, a telephone number or an address on the web.
    pub fn contact(&self) -> &str {
        &self.contact
    }
}
