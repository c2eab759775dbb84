use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request as Question, Response,
    RestrictedExpression,
};

use super::request::Request;

/// Cedar with its policies parsed and no entities to look up: all that is asked about stands in the context.
pub(super) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

impl Cedar {
    pub(super) fn new(policies: &str) -> Self {
        Cedar {
            authorizer: Authorizer::new(),
            policies: policies.parse().expect("Cedar policies"),
            entities: Entities::empty(),
        }
    }

    pub(super) fn answer(&self, question: &Question) -> Response {
        self.authorizer.is_authorized(question, &self.policies, &self.entities)
    }

    pub(super) fn allows(&self, question: &Question) -> bool {
        self.answer(question).decision() == Decision::Allow
    }
}

/// How many policies forbid; a condition that fails with an error would hide one.
pub(super) fn objections(response: &Response) -> usize {
    let diagnostics = response.diagnostics();
    assert_eq!(diagnostics.errors().next().map(ToString::to_string), None);
    match response.decision() {
        Decision::Allow => 0,
        Decision::Deny => diagnostics.reason().count(),
    }
}

pub(super) fn question(request: &Request) -> Question {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let mut context: Vec<_> =
        request.texts().map(|(name, value)| (name.to_owned(), text(value))).collect();
    let lifetime = request.lifetime.map(|s| RestrictedExpression::new_long(s.into()));
    let temporary = request.signed_by_temporary_key.map(RestrictedExpression::new_bool);
    context.extend(lifetime.map(|value| ("lifetime".to_owned(), value)));
    context.extend(temporary.map(|value| ("signed_by_temporary_key".to_owned(), value)));
    let context = Context::from_pairs(context).expect("a context without repeated names");
    let uid = |kind: &str, id: &str| -> EntityUid {
        format!("{kind}::{id:?}").parse().expect("a Cedar entity")
    };
    let action = uid("Action", request.method);
    Question::new(uid("User", "dev"), action, uid("Service", "bedrock"), context, None)
        .expect("a Cedar request")
}
