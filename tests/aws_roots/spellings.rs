//! Spellings that people try.

use bedrock_auth::signer::Signers;
use secrecy::ExposeSecret;

use super::comparison::class;
use super::files::Files;
use super::sdk::{End, sdk};

/// What comes of them, and that the SDK makes the same of them.
#[test]
fn odd_spellings_are_read_as_the_sdk_reads_them() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for &(config, credentials, asked, expected) in SPELLINGS {
        let with_secrets = |text: &str| {
            text.replace("WHOLE=", "aws_secret_access_key = s\naws_access_key_id = AKIA")
        };
        let files = Files { config: with_secrets(config), credentials: with_secrets(credentials) };
        let facts = files.predicted(&[]);
        let predicted = match facts.profile(asked) {
            Ok(signer) => {
                let key = facts.access_key(&signer.chain.last().unwrap().kind).unwrap();
                key.access_key_id.unwrap().expose_secret().to_owned()
            }
            Err(fault) => class(&Err(fault)),
        };
        assert_eq!(predicted, expected, "{asked} of {files:?}");
        let done = runtime.block_on(sdk(&files, asked));
        match (&done.end, done.calls.first()) {
            (End::Key(_), Some((_, signed_first))) => {
                assert_eq!(signed_first, expected, "{files:?}")
            }
            (End::Key(key), None) => assert_eq!(key, expected, "{files:?}"),
            _ => assert!(!expected.starts_with("AKIA"), "{done:?}: {files:?}"),
        }
    }
}

/// The config file, in which `WHOLE=` begins a whole key; the credentials file; the profile; the key or the fault.
const SPELLINGS: &[(&str, &str, &str, &str)] = &[
    // Headers,
    ("[profile a]\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile\ta]\nWHOLE=1", "", "a", "AKIA1"),
    ("[ profile a ]\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a];comment\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a] # ]\nWHOLE=1", "", "a", "AKIA1"),
    ("\n\t\n# comment\n; comment\n[profile a]\n\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a]\r\nWHOLE=1\r\n", "", "a", "AKIA1"),
    ("[profile a.b/c@d:e+f%g_h-1]\nWHOLE=1", "", "a.b/c@d:e+f%g_h-1", "AKIA1"),
    ("[profile]\nWHOLE=1", "", "profile", "ProfileNotFound"),
    ("[profile profile]\nWHOLE=1", "", "profile", "AKIA1"),
    ("[PROFILE a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profilea]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile A]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile \"a\"]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile a b]\nWHOLE=1", "", "a b", "ProfileNotFound"),
    ("[profile é]\nWHOLE=1", "", "é", "ProfileNotFound"),
    ("[a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[sso-session a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[services a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile a\nWHOLE=1", "", "a", "FileUnusable"),
    ("\u{feff}[profile a]\nWHOLE=1", "", "a", "FileUnusable"),
    ("[profile b]\nWHOLE=1", "[a\nWHOLE=2", "b", "FileUnusable"),
    ("", "[a]\nWHOLE=1", "a", "AKIA1"),
    ("", "[ a\t] # comment\nWHOLE=1", "a", "AKIA1"),
    ("", "[profile a]\nWHOLE=1", "a", "ProfileNotFound"),
    ("", "[sso-sessiona]\nWHOLE=1", "sso-sessiona", "AKIA1"),
    // the default,
    ("[default]\nWHOLE=1", "", "default", "AKIA1"),
    ("[profile default]\nWHOLE=1", "", "default", "AKIA1"),
    ("[profile default]\nWHOLE=1\n[default]\nWHOLE=2", "", "default", "AKIA1"),
    ("[default]\nWHOLE=1\n[profile default]\nregion = r", "", "default", "NoCredentials"),
    ("[profile default]\nWHOLE=1", "[default]\nWHOLE=2", "default", "AKIA2"),
    ("[Default]\nWHOLE=1", "", "default", "ProfileNotFound"),
    ("[default]\nWHOLE=1\n[profile a]\nregion = r", "", "a", "NoCredentials"),
    // sections that come again,
    ("[profile a]\nWHOLE=1\n[profile b]\nWHOLE=2\n[profile a]\nregion = r", "", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1\n[profile a]\nWHOLE=2", "", "a", "AKIA2"),
    ("[profile a]\naws_access_key_id = AKIA1", "[a]\naws_secret_access_key = s", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1", "[a]\naws_access_key_id = AKIA2", "a", "AKIA2"),
    // keys and values,
    ("[profile a]\nAWS_Access_Key_ID=AKIA1\nAWS_SECRET_ACCESS_KEY\t=\ts", "", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1 # comment", "", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1\t;comment", "", "a", "AKIA1"),
    ("[profile a]\naws-access-key-id = AKIA1\naws_secret_access_key = s", "", "a", "Incomplete"),
    ("[profile a]\naws access_key_id = AKIA1\naws_secret_access_key = s", "", "a", "Incomplete"),
    ("[profile a]\naws_access_key_id AKIA1", "", "a", "FileUnusable"),
    ("[profile a]\n= AKIA1", "", "a", "FileUnusable"),
    // lines that go on,
    ("[profile a]\n  region = r", "", "a", "FileUnusable"),
    ("[profile a]\nregion = r\n  aws_access_key_id = AKIA1", "", "a", "NoCredentials"),
    ("[profile a]\nregion = r\n [profile b]\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a]\nregion = r\n [profile b]\nWHOLE=1", "", "b", "ProfileNotFound"),
    ("[profile a]\ns3 =\n  aws_access_key_id = AKIA1", "", "a", "NoCredentials"),
    // and roles.
    (ROLE, "[b]\nWHOLE=1", "a", "AKIA1"),
    (ROLE, "[B]\nWHOLE=1", "a", "ProfileNotFound"),
    (ROLE, "[a]\nWHOLE=1\n[b]\nWHOLE=2", "a", "AKIA2"),
    (ROLE, "[a]\nsource_profile = a\nWHOLE=1\n[b]\nWHOLE=2", "a", "AKIA1"),
    (ROLE, "[b]\nrole_arn = r\nsource_profile = a", "a", "Loop"),
    (ROLE, "[b]\nrole_arn = r\nsource_profile = a\nWHOLE=1", "a", "AKIA1"),
    (ROLE, "[a]\ncredential_source = Environment\n[b]\nWHOLE=1", "a", "Invalid"),
    (ROLE, "[b]\nregion = r", "a", "NoCredentials"),
];

const ROLE: &str = "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = b\n";
