//! The meet of policies: the order and the number of times in which files are read mean nothing.

use bedrock_auth::policy::Policy;
use proptest::prelude::*;

use crate::strategies::{cases, three_policies};

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn commutative([a, b, _] in three_policies()) {
        prop_assert_eq!(a.clone().meet(b.clone()), b.meet(a));
    }

    #[test]
    fn associative([a, b, c] in three_policies()) {
        prop_assert_eq!(a.clone().meet(b.clone()).meet(c.clone()), a.meet(b.meet(c)));
    }

    #[test]
    fn idempotent([a, b, _] in three_policies()) {
        prop_assert_eq!(a.clone().meet(a.clone()), a.clone());
        let both = a.clone().meet(b);
        prop_assert_eq!(both.clone().meet(a), both);
    }

    #[test]
    fn no_policy_changes_nothing([a, _, _] in three_policies()) {
        prop_assert_eq!(a.clone().meet(Policy::default()), a);
    }

    #[test]
    fn the_digest_depends_on_what_counts_alone([a, b, _] in three_policies()) {
        let there = a.clone().meet(b.clone());
        let back = b.meet(a);
        prop_assert_eq!(there.digest(), back.digest());
        prop_assert_eq!(there.digest().is_none(), there.documents().count() == 0);
    }
}
