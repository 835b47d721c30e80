//! What Loa does, seen from outside: one binary, a module for each capability.

#[cfg(test)]
mod topics;
