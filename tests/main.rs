//! The tests of Loa, linked once.

mod portal_3cms;
mod portal_corpus;
mod portal_date;
mod portal_definition;
mod portal_fetch;
mod portal_pages;
mod portal_replica;
