//! What was judged changes before it is used.

use crate::case::{Case, Expect, InCode};
use crate::texts::*;

const CORP: InCode = InCode { profile: Some("corp"), access_key_id: None, endpoint: None };

#[test]
fn a_file_changes_between_check_and_use() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        meanwhile: &[(CONFIG, "[profile corp]"), (CONFIG, OWN_KEY)],
        plain: Expect::Answered(&[
            "bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5APROFILE",
        ]),
        ..Case::default()
    };
    case.run();
}
