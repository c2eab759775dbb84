//! What an access key says about itself by its id and the token beside it.

use super::{AccessKeyId, AccessKeyKind, AccountId, Root};

/// What an access key says about itself before it is used.
pub(crate) struct JudgedKey {
    pub(crate) root: Option<Root>,
    pub(crate) id: Option<AccessKeyId>,
    pub(crate) account: Option<AccountId>,
    /// What people should know about it.
    pub(crate) remark: Option<&'static str>,
}

/// Judges an access key by its id: a token beside it is no evidence of a temporary key.
pub(crate) fn judge_key(id: &str, has_token: bool) -> JudgedKey {
    let id = AccessKeyId::new(id);
    let (root, remark) = match (id.kind(), has_token) {
        (AccessKeyKind::LongLived, false) => (Some(Root::LongLivedKeys), None),
        (AccessKeyKind::LongLived, true) => (
            Some(Root::LongLivedKeys),
            Some("a session token stands beside a long-lived access key"),
        ),
        (AccessKeyKind::Temporary, true) => (Some(Root::TemporaryKeys), None),
        (AccessKeyKind::Temporary, false) => (
            None,
            Some("a temporary access key stands without its session token, so it cannot sign"),
        ),
        (AccessKeyKind::NotAnAccessKey, _) => {
            (None, Some("the access key id is the id of something else, so it cannot sign"))
        }
        _ => (None, Some("the access key id is of no kind that is known to sign requests")),
    };
    JudgedKey {
        root,
        account: id.account(),
        remark,
        id: Some(id).filter(AccessKeyId::may_be_shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_by_id_and_token() {
        for (id, has_token, root, has_remark) in [
            ("AKIARZPUZDIKEWS2LJNF", false, Some(Root::LongLivedKeys), false),
            ("AKIARZPUZDIKEWS2LJNF", true, Some(Root::LongLivedKeys), true),
            ("ASIAY34FZKBOKMUTVV7A", true, Some(Root::TemporaryKeys), false),
            ("ASIAY34FZKBOKMUTVV7A", false, None, true),
            ("AROAY34FZKBOKMUTVV7A", true, None, true),
            ("ABIAY34FZKBOKMUTVV7A", true, None, true),
            (" AKIARZPUZDIKEWS2LJNF", false, None, true),
            ("test", false, None, true),
        ] {
            let key = judge_key(id, has_token);
            assert_eq!((key.root, key.remark.is_some()), (root, has_remark), "{id} {has_token}");
            assert_eq!(key.id.unwrap().as_str(), id);
        }
    }

    #[test]
    fn a_secret_in_the_field_of_the_id_is_not_shown() {
        for secret in [
            "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx",
            "ABSKQmVkcm9ja0FQSUtleS1",
            "bedrock-api-key-Ym",
        ] {
            assert_eq!(judge_key(secret, false).id, None, "{secret}");
        }
    }
}
