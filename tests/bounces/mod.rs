//! What comes back, from the bytes of a mail to who is written to no more.

mod reading;
