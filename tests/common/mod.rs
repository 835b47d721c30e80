//! What several test files share.

pub mod articles;
pub mod certificates;
pub mod cluster;
pub mod databases;
pub mod dkim;
pub mod portal;
pub mod process;
pub mod records;
pub mod site;
pub mod smtp;
pub mod smtp_tls;
pub mod sql;
pub mod stand_ins;
