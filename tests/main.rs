//! What Loa does, seen from outside: one binary, a module for each capability.

#[cfg(test)]
mod common;
#[cfg(test)]
mod notify_email;
#[cfg(test)]
mod notify_limits;
#[cfg(test)]
mod notify_message;
#[cfg(test)]
mod notify_mime;
#[cfg(test)]
mod notify_telegram;
#[cfg(test)]
mod notify_tls;
