//! Letters as deliveries: confirmations, private links and welcomes, built from what the store holds when they are sent.

use anyhow::Result;

use super::Dispatch;
use crate::{
    domain::{delivery::Kind, subscription::Language},
    notify::message::{
        self, Addressing, Confirmation, Mail, PrivateLink, Welcome, frequency_name, watch_name,
    },
    store::{Claimed, Followed},
};

impl Dispatch {
    /// The letter of a delivery, or `None` when nothing is left to say: the sign-up was confirmed or is too old, or there is
    /// nobody to greet any more.
    pub(super) async fn letter(
        &self,
        delivery: &Claimed,
        addressing: &Addressing<'_>,
    ) -> Result<Option<Mail>> {
        if delivery.kind == Kind::Confirmation {
            return self.confirmation(delivery, addressing).await;
        }
        let followed = self.followed(delivery).await?;
        let manage_url = self.manage_url(delivery);
        let (portal_name, operator) = (&self.origin.portal_name, &self.origin.operator);
        Ok(Some(match delivery.kind {
            Kind::Welcome => {
                let unsubscribe = self.tokens.unsubscribe(delivery.subscriber_id);
                let Some(basis) = self.store.basis(delivery.subscriber_id).await? else {
                    return Ok(None);
                };
                if followed.is_empty() {
                    return Ok(None);
                }
                let about = Welcome {
                    manage_url: &manage_url,
                    unsubscribe_url: &format!("{}/unsubscribe/{unsubscribe}", self.origin.public_url),
                    followed: &followed,
                    basis: &basis,
                    language: delivery.language,
                    portal_name,
                    operator,
                };
                message::welcome(&about, addressing)
            }
            Kind::Link | Kind::Confirmation | Kind::Alert | Kind::Digest | Kind::Edit => {
                let about = PrivateLink {
                    manage_url: &manage_url,
                    followed: &followed,
                    language: delivery.language,
                    portal_name,
                    operator,
                };
                message::private_link(&about, addressing)
            }
        }))
    }

    async fn confirmation(&self, delivery: &Claimed, addressing: &Addressing<'_>) -> Result<Option<Mail>> {
        let Some(id) = delivery.signup_id else {
            return Ok(None);
        };
        let now = self.clock.now();
        let signup = self.store.signup(id).await?;
        let Some(signup) = signup.filter(|s| s.confirmed_at.is_none() && s.expires_at > now) else {
            return Ok(None);
        };
        let wanted = self.store.named(signup.watches, signup.frequency).await?;
        let wanted = self.named(wanted, delivery.language);
        // The nearest number: seconds after the form, it is the whole week that its page promised.
        let days = (signup.expires_at - now + chrono::TimeDelta::hours(12))
            .num_days()
            .max(1);
        let about = Confirmation {
            confirm_url: &format!("{}/confirm/{}", self.origin.public_url, self.tokens.confirm(id)),
            wanted: &wanted,
            language: delivery.language,
            portal_name: &self.origin.portal_name,
            valid_days: u32::try_from(days).unwrap_or(1),
            operator: &self.origin.operator,
        };
        Ok(Some(message::confirmation(&about, addressing)))
    }

    async fn followed(&self, delivery: &Claimed) -> Result<Vec<String>> {
        let followed = self.store.followed(delivery.subscriber_id).await?;
        Ok(self.named(followed, delivery.language))
    }

    /// `Y tế (hằng ngày)`, each.
    fn named(&self, followed: Vec<Followed>, language: Language) -> Vec<String> {
        let name = |Followed {
                        watch,
                        title,
                        frequency,
                    }: Followed| {
            let sections: Vec<(String, String)> = match (&watch, title) {
                (crate::domain::watch::Watch::Section { slug, .. }, Some(title)) => {
                    vec![(slug.clone(), title)]
                }
                _ => Vec::new(),
            };
            let name = watch_name(&watch, &self.labels, &sections, language);
            format!("{name} ({})", frequency_name(frequency, language))
        };
        followed.into_iter().map(name).collect()
    }

    /// The subscriber's private page.
    pub(super) fn manage_url(&self, delivery: &Claimed) -> String {
        let token = self.tokens.manage(delivery.subscriber_id, delivery.link_number);
        format!("{}/manage/{token}", self.origin.public_url)
    }
}
