//! What Loa does, seen from outside: one binary, a module for each capability.

#[cfg(test)]
mod feed_formats;
#[cfg(test)]
mod feed_readers;
#[cfg(test)]
mod feed_samples;
#[cfg(test)]
mod topics;
