//! Who could have written a policy: anybody but root, and it is not trusted.

use crate::support::place::Place;
use crate::{EVERYBODY, alone, denies_everything, states, status};

/// A policy that allows everything, so that only the state of its file can deny.
macro_rules! place {
    ($($script:literal)+) => {
        Place::made_by(concat!(
            r#"echo '{ "schema_version": 1, "id": "p" }' > policy.json; chmod 644 policy.json; "#,
            $($script)+
        ))
    };
}

#[test]
fn what_others_than_root_could_write_denies_everything() {
    for (place, reason) in [
        (place!("chmod g+w ."), "writable by group"),
        (place!("chmod o+w ."), "writable by everybody"),
        (place!("chmod g+w policy.json"), "writable by group"),
        (place!("chmod a+w policy.json"), "writable by everybody"),
        (place!("chown ann policy.json"), "belongs to user `ann`"),
        (place!("chown ann ."), "belongs to user `ann`"),
        (place!("chgrp developers .; chmod g+w ."), "writable by group `developers`"),
        (place!("chmod o+w /etc"), "writable by everybody"),
        (place!("setfacl -m u:ann:rw policy.json"), "access control list"),
        (place!("setfacl -m u:ann:rwx ."), "access control list"),
    ] {
        denies_everything(&place, "untrusted", reason);
    }
}

#[test]
fn a_link_is_worth_what_it_leads_to() {
    for (place, reason) in [
        (place!("mv policy.json $scratch/ann; ln -s $scratch/ann/policy.json ."), "belongs to"),
        (
            place!(
                "mkdir -m 777 $scratch/open; mv policy.json $scratch/open; ln -s $scratch/open/policy.json ."
            ),
            "writable by everybody",
        ),
        (
            place!("mv policy.json /etc; ln -s /etc/policy.json .; chown -h ann policy.json"),
            "symbolic link",
        ),
        (
            place!("mv /etc/bedrock-auth $scratch/ann; ln -s $scratch/ann/bedrock-auth /etc"),
            "belongs to",
        ),
    ] {
        denies_everything(&place, "untrusted", reason);
    }
    let sound = place!("mkdir /etc/it; mv policy.json /etc/it; ln -s ../it/policy.json .");
    for person in EVERYBODY {
        let (code, answer) = status(&sound, person);
        assert_eq!((code, states(&answer)), (0, alone("loaded")), "{answer:#}");
    }
}

/// Whoever may write into the directory may have removed the policy.
#[test]
fn a_missing_policy_in_a_writable_directory_denies_everything() {
    denies_everything(&Place::made_by("chmod 777 ."), "untrusted", "writable by everybody");
}

#[test]
fn in_a_sticky_directory_only_owners_count() {
    let (code, answer) = status(&place!("chmod 1777 ."), "ann");
    assert_eq!((code, states(&answer)), (0, alone("loaded")), "{answer:#}");
    denies_everything(&place!("chmod 1777 .; chown ann policy.json"), "untrusted", "belongs to");
}
