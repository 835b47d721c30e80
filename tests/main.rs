//! The tests of Loa, linked once.

mod portal_corpus;
