//! What a route is: what the router and the description are made of.

use std::sync::Arc;

use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Service;
use super::problem::{Problem, ProblemCode};

/// Which listener a route belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// The socket in the runtime directory.
    Socket,
    /// The port on loopback.
    Loopback,
}

/// One thing that can be asked for.
pub(super) struct Route {
    pub(super) door: Door,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Its name in the description.
    pub(super) name: &'static str,
    pub(super) does: &'static str,
    /// Headers that it heeds, and what they do.
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) replies: &'static [Reply],
    pub(super) handler: fn() -> MethodRouter<Arc<Service>>,
}

/// What may come back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) when: &'static str,
    /// The codes of a [`Problem`], where they are few.
    pub(super) codes: &'static [ProblemCode],
    pub(super) content: Content,
}

/// The form of what comes back.
pub(super) enum Content {
    Nothing,
    Json(fn(&mut SchemaGenerator) -> Schema),
    Text(&'static str),
}

impl Reply {
    pub(super) const fn json<T: JsonSchema>(status: u16, when: &'static str) -> Self {
        let content = Content::Json(SchemaGenerator::subschema_for::<T>);
        Reply { status, when, codes: &[], content }
    }

    /// The status is that of the codes.
    pub(super) const fn problem(when: &'static str, codes: &'static [ProblemCode]) -> Self {
        let status = codes[0].status().as_u16();
        let mut index = 0;
        while index < codes.len() {
            assert!(codes[index].status().as_u16() == status, "a reply has one status");
            index += 1;
        }
        Reply { codes, ..Reply::json::<Problem>(status, when) }
    }

    pub(super) const fn text(media_type: &'static str, when: &'static str) -> Self {
        Reply { status: 200, when, codes: &[], content: Content::Text(media_type) }
    }
}
