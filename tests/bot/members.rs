//! What the Bot API's stand-in does not do, done before it: people who are no administrators (there, everybody is one), and a
//! memory of what callbacks were answered with. Every request goes on to the stand-in, which checks it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::common::stand_ins::{StandIn, exchange_with};

/// The memberships.
#[derive(Clone)]
pub struct Members {
    stand_in: Arc<StandIn>,
    ordinary: Arc<Mutex<BTreeSet<i64>>>,
    toasts: Arc<Mutex<Vec<String>>>,
    url: String,
}

impl Members {
    pub async fn before(stand_in: Arc<StandIn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let members = Self {
            stand_in,
            ordinary: Arc::default(),
            toasts: Arc::default(),
            url: format!("http://{}", listener.local_addr().unwrap()),
        };
        let router = Router::new().fallback(pass).with_state(members.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        members
    }

    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// From now on, somebody runs nothing.
    pub fn make_ordinary(&self, user: i64) {
        self.ordinary.lock().unwrap().insert(user);
    }

    pub fn toasts(&self) -> Vec<String> {
        self.toasts.lock().unwrap().clone()
    }

    fn is_ordinary(&self, fields: &Value) -> bool {
        let user = fields["user_id"].as_i64();
        user.is_some_and(|user| self.ordinary.lock().unwrap().contains(&user))
    }
}

async fn pass(State(members): State<Members>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let method = uri.path().rsplit('/').next().unwrap().to_ascii_lowercase();
    let fields: Value = serde_json::from_slice(&body).unwrap_or_default();
    let url = format!("{}{}", members.stand_in.url(), uri.path());
    let text = String::from_utf8(body.to_vec()).unwrap();
    // Some calls are multipart.
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map_or("", |value| value.to_str().unwrap());
    let kind = format!("Content-Type: {kind}\r\n");
    let passed = tokio::task::spawn_blocking(move || exchange_with("POST", &url, &kind, &text))
        .await
        .unwrap();
    let (status, mut answer) = passed;
    if method == "getchatmember" && members.is_ordinary(&fields) {
        let user = json!({"id": fields["user_id"], "is_bot": false, "first_name": "Minh"});
        answer = json!({"ok": true, "result": {"status": "member", "user": user}}).to_string();
    }
    if method == "answercallbackquery" {
        let text = fields["text"].as_str().unwrap_or_default();
        members.toasts.lock().unwrap().push(text.to_owned());
    }
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], answer).into_response()
}
