//! The tests of Loa, linked once.

mod portal_3cms;
mod portal_corpus;
