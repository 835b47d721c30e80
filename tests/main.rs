//! All integration tests, one binary: a file a capability.

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod alerts;
#[cfg(test)]
mod api;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod archives;
#[cfg(test)]
mod articles_command;
#[cfg(test)]
mod backfill;
#[cfg(test)]
mod bot;
#[cfg(test)]
mod bounces;
#[cfg(test)]
mod check;
#[cfg(test)]
mod common;
#[cfg(test)]
mod config;
#[cfg(test)]
mod contrast;
#[cfg(test)]
mod demo_page;
#[cfg(test)]
mod demo_portal;
#[cfg(test)]
mod ended_feeds;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod feed_cache;
#[cfg(test)]
mod feed_formats;
#[cfg(test)]
mod feed_hostile;
#[cfg(test)]
mod feed_pages;
#[cfg(test)]
mod feed_readers;
#[cfg(test)]
mod feed_samples;
#[cfg(test)]
mod mail_samples;
#[cfg(test)]
mod mail_texts;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod notify_dkim;
#[cfg(test)]
mod notify_dkim_samples;
#[cfg(test)]
mod notify_dkim_settings;
#[cfg(test)]
mod notify_email;
#[cfg(test)]
mod notify_limits;
#[cfg(test)]
mod notify_mail_html;
#[cfg(test)]
mod notify_message;
#[cfg(test)]
mod notify_mime;
#[cfg(test)]
mod notify_telegram;
#[cfg(test)]
mod notify_telegram_proxy;
#[cfg(test)]
mod notify_tls;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod page_samples;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod people;
#[cfg(test)]
mod phrase_watches;
#[cfg(test)]
mod polling;
#[cfg(test)]
mod portal_3cms;
#[cfg(test)]
mod portal_charset;
#[cfg(test)]
mod portal_corpus;
#[cfg(test)]
mod portal_date;
#[cfg(test)]
mod portal_definition;
#[cfg(test)]
mod portal_doubtful;
#[cfg(test)]
mod portal_feeds;
#[cfg(test)]
mod portal_fetch;
#[cfg(test)]
mod portal_generic;
#[cfg(test)]
mod portal_guard;
#[cfg(test)]
mod portal_pages;
#[cfg(test)]
mod portal_removed;
#[cfg(test)]
mod portal_replica;
#[cfg(test)]
mod portal_sharepoint;
#[cfg(test)]
mod portal_text;
#[cfg(test)]
mod portal_tls;
#[cfg(test)]
mod portal_unseen;
#[cfg(test)]
mod relisting;
#[cfg(test)]
mod replica;
#[cfg(test)]
mod search;
#[cfg(test)]
mod send_test;
#[cfg(test)]
mod service_bot;
#[cfg(test)]
mod service_kill;
#[cfg(test)]
mod service_priority;
#[cfg(test)]
mod service_settings;
#[cfg(test)]
mod store;
#[cfg(test)]
mod topics;
#[cfg(test)]
mod topics_again;
#[cfg(test)]
mod topics_command;
#[cfg(test)]
mod web_feeds;
#[cfg(test)]
mod web_pages;
#[cfg(test)]
mod web_search;
#[cfg(test)]
mod web_votes;
#[cfg(test)]
mod websub;
