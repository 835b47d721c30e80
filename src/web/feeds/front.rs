//! The first that a request meets: a feed that is kept is answered here, before routes, limits and compression, which
//! cost more than the answer.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use axum::{
    Router,
    extract::Request,
    http::{Method, StatusCode},
    response::Response,
    routing::future::RouteFuture,
};
use futures::future::{Either, Ready, ready};
use tower_service::Service;

use super::{super::state::WebState, cache::FeedCache};
use crate::clock::Clock;

/// Everything that Loa serves, kept feeds first.
#[derive(Debug, Clone)]
pub struct Front {
    feeds: FeedCache,
    clock: Clock,
    router: Router,
}

impl Front {
    /// Before `router`, which answers whatever is not kept.
    pub fn new(state: &WebState, router: Router) -> Self {
        Self {
            feeds: state.feeds.clone(),
            clock: state.clock.clone(),
            router,
        }
    }

    fn kept(&self, request: &Request) -> Option<Response> {
        let method = request.method();
        let is_head = method == Method::HEAD;
        if !is_head && method != Method::GET {
            return None;
        }
        let address = request.uri().path_and_query()?.as_str();
        if !address.starts_with("/feeds") {
            return None;
        }
        let kept = self.feeds.hit(address, self.clock.now())?;
        let response = kept.document.answer(method, request.headers(), &self.clock);
        kept.tally
            .answered(is_head, response.status() == StatusCode::NOT_MODIFIED);
        Some(response)
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.kept(&request) {
            Some(response) => Either::Left(ready(Ok(response))),
            None => Either::Right(self.router.call(request)),
        }
    }
}
