//! Static credentials in their real shapes, and what they are in plain words.

use bedrock_auth::credentials::StaticCredentials;
use data_encoding::{BASE32, BASE64};
use jiff::Timestamp;
use secrecy::SecretString;

use super::dice::Dice;
use super::pools::{ACCOUNTS, CANARY, REGIONS};

/// The texts of one family of variables or one keychain item, and what they amount to.
#[derive(Debug, Clone, Default)]
pub struct MadeCredentials {
    pub bearer_token: Option<String>,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
    pub session_token: Option<String>,
    pub api_key: Option<MadeApiKey>,
    pub access_key: Option<MadeAccessKey>,
}

/// What stands where an API key belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MadeApiKey {
    ShortTerm {
        temporary_signer: bool,
        account: Option<u64>,
        region: &'static str,
        expires: Timestamp,
        lifetime: u64,
    },
    LongTerm {
        account: u64,
    },
    /// Nothing that AWS documents.
    Opaque,
    /// It cannot work, whatever policies say.
    Unusable,
}

/// What stands where an access key belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MadeAccessKey {
    LongLived {
        account: Option<u64>,
    },
    Temporary {
        account: Option<u64>,
    },
    /// A key of a kind that says nothing about how long it lives.
    Unknown {
        account: Option<u64>,
    },
    /// It cannot work, whatever policies say.
    Unusable,
}

impl MadeCredentials {
    pub fn roll(dice: &mut Dice, now: Timestamp) -> Self {
        let mut made = MadeCredentials::default();
        if dice.percent(55) {
            made.put_api_key(dice, now);
        }
        if dice.percent(55) {
            made.put_access_key(dice);
        }
        made
    }

    /// As the loader hands them over.
    pub fn to_static(&self) -> StaticCredentials {
        let secret = |text: &Option<String>| text.clone().map(SecretString::from);
        StaticCredentials {
            access_key_id: secret(&self.access_key_id),
            secret_access_key: secret(&self.secret_access_key),
            session_token: secret(&self.session_token),
            bearer_token: secret(&self.bearer_token),
        }
    }

    /// Everything here that must never be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let fields = [&self.bearer_token, &self.secret_access_key, &self.session_token];
        let id_field = self.access_key_id.as_ref().filter(|id| id.contains(CANARY));
        fields.into_iter().flatten().chain(id_field).map(String::as_str).filter(|s| s.len() > 20)
    }

    fn put_api_key(&mut self, dice: &mut Dice, now: Timestamp) {
        let (text, made) = match dice.below(20) {
            0..10 => short_term(dice, now),
            10..14 => long_term(dice),
            14..16 => (format!("opaque-{CANARY}-token"), MadeApiKey::Opaque),
            _ => (damaged_api_key(dice, now), MadeApiKey::Unusable),
        };
        self.bearer_token = Some(text);
        self.api_key = Some(made);
    }

    fn put_access_key(&mut self, dice: &mut Dice) {
        let account = dice.maybe(80, |dice| dice.pick(ACCOUNTS));
        let secret = format!("wJalr/{CANARY}+K7MDENGbPxRfiCYEXAMPLEKEY");
        let token = format!("IQoJb3JpZ2luX2Vj{CANARY}{}", "A".repeat(300));
        let (id, token, made) = match dice.below(20) {
            0..8 => {
                let made = MadeAccessKey::Temporary { account };
                (access_key_id("ASIA", account, dice), Some(token), made)
            }
            8..14 => {
                let made = MadeAccessKey::LongLived { account };
                (access_key_id("AKIA", account, dice), None, made)
            }
            14 => {
                let made = MadeAccessKey::Unknown { account };
                let token = dice.maybe(50, |_| token);
                (access_key_id(dice.pick(&["ABIA", "ACCA"]), account, dice), token, made)
            }
            15 => {
                let made = MadeAccessKey::Unknown { account: None };
                (dice.pick(&["test", "minioadmin", "local_Key-1"]).to_owned(), None, made)
            }
            _ => return self.put_unusable_access_key(dice, secret, token),
        };
        self.access_key_id = Some(id);
        self.secret_access_key = Some(secret);
        self.session_token = token;
        self.access_key = Some(made);
    }

    /// Halves, mismatched pairs and things in each other's fields.
    fn put_unusable_access_key(&mut self, dice: &mut Dice, secret: String, token: String) {
        let account = Some(dice.pick(ACCOUNTS));
        let mut id_of = |prefix: &str| Some(access_key_id(prefix, account, dice));
        let (akia, asia, aroa) = (id_of("AKIA"), id_of("ASIA"), id_of("AROA"));
        let api_key = Some(long_term(dice).0);
        let (secret, token) = (Some(secret), Some(token));
        let (id, secret, token) = match dice.below(14) {
            0 => (akia, None, None),
            1 => (None, secret, token),
            2 => (akia, secret, token),
            3 => (asia, secret, None),
            4 => (aroa, secret, None),
            5 => (api_key, secret, None),
            6 => (asia, api_key, token),
            7 => (asia, secret, api_key),
            8 => (akia.clone(), akia, None),
            9 => (asia.clone(), secret, asia),
            10 => (akia, Some(format!(" {CANARY} with a space")), None),
            11 => (asia, secret, Some(format!("{CANARY}\nwith a line break"))),
            12 => (token, secret, None),
            _ => (secret.clone(), secret, None),
        };
        self.access_key_id = id;
        self.secret_access_key = secret;
        self.session_token = token;
        self.access_key = Some(MadeAccessKey::Unusable);
    }
}

/// An id with the account inside, or of the old form that has none.
pub fn access_key_id(prefix: &str, account: Option<u64>, dice: &mut Dice) -> String {
    let Some(account) = account else {
        return format!("{prefix}{}", dice.pick(&["IOSFODNN7EXAMPLE", "J2P3Q4R5S6T7U2V3"]));
    };
    // One bit in front tells ids with an account from older ones.
    let head = 1 << 47 | account << 7 | dice.below(128) as u64;
    let mut body = head.to_be_bytes()[2..].to_vec();
    body.extend((0..4).map(|_| dice.below(256) as u8));
    format!("{prefix}{}", BASE32.encode(&body))
}

fn short_term(dice: &mut Dice, now: Timestamp) -> (String, MadeApiKey) {
    let account = dice.maybe(85, |dice| dice.pick(ACCOUNTS));
    let prefix = dice.pick(&["ASIA", "ASIA", "AKIA", "ABIA"]);
    let signer = access_key_id(prefix, account, dice);
    let region = dice.pick(&[REGIONS[0], REGIONS[0], REGIONS[1], REGIONS[2]]);
    let lifetime: u32 = dice.pick(&[3_600, 43_200, 1, 900, 7_201]);
    // Long enough ago now and then that the key is over.
    let age = if dice.percent(15) { i64::from(lifetime) } else { 0 };
    let issued = now - jiff::SignedDuration::from_secs(age + dice.pick(&[0, 0, -30]));
    let made = MadeApiKey::ShortTerm {
        temporary_signer: prefix == "ASIA",
        account,
        region,
        expires: issued + jiff::SignedDuration::from_secs(i64::from(lifetime)),
        lifetime: u64::from(lifetime),
    };
    let query = presigned_query(&signer, region, issued, lifetime);
    (in_base64("bedrock-api-key-", &format!("bedrock.amazonaws.com/?{query}"), dice), made)
}

/// What AWS's generators presign, with a canary for a signature.
pub fn presigned_query(signer: &str, region: &str, issued: Timestamp, lifetime: u32) -> String {
    let date = issued.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = &date[..8];
    format!(
        "Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={signer}%2F{day}%2F{region}%2Fbedrock%2Faws4_request&X-Amz-Date={date}\
         &X-Amz-Expires={lifetime}&X-Amz-Security-Token={CANARY}&X-Amz-SignedHeaders=host\
         &X-Amz-Signature={CANARY}&Version=1"
    )
}

fn long_term(dice: &mut Dice) -> (String, MadeApiKey) {
    let account = dice.pick(ACCOUNTS);
    let user = dice.pick(&["BedrockAPIKey-h42z", "BedrockAPIKey-h42z+1", "me-at-000011112222"]);
    let text = in_base64("ABSK", &format!("{user}-at-{account:012}:{CANARY}"), dice);
    (text, MadeApiKey::LongTerm { account })
}

fn damaged_api_key(dice: &mut Dice, now: Timestamp) -> String {
    let account = Some(ACCOUNTS[0]);
    let signer = access_key_id("ASIA", account, dice);
    let good = presigned_query(&signer, "us-east-1", now, 3_600);
    let presigned = |query: String| {
        let request = format!("bedrock.amazonaws.com/?{query}");
        format!("bedrock-api-key-{}", BASE64.encode(request.as_bytes()))
    };
    let long = |text: String| format!("ABSK{}", BASE64.encode(text.as_bytes()));
    match dice.below(14) {
        0 => presigned(good.replace("Expires=3600", "Expires=43201")),
        1 => presigned(good.replace("Expires=3600", "Expires=0")),
        2 => presigned(format!("{good}&X-Amz-Credential={CANARY}")),
        3 => presigned(good.replace("bedrock%2Faws4", "s3%2Faws4")),
        4 => presigned(good.replace("CallWithBearerToken", CANARY)),
        5 => presigned(good).replace("bedrock-api-key-", "bedrock-api-key-!"),
        6 => format!("bedrock-api-key-{CANARY}*"),
        7 => long(format!("BedrockAPIKey-x:{CANARY}")),
        8 => long(format!("BedrockAPIKey-x-at-12345678901:{CANARY}")),
        9 => long(format!("Bedrock key-at-123456789012:{CANARY}")),
        10 => format!("ABSK{CANARY}~~~~"),
        // The last mark splits, and no user name holds a colon.
        12 => long(format!("me-at-111122223333:{CANARY}-at-444455556666:{CANARY}")),
        11 => format!("opaque {CANARY} with a space"),
        _ => access_key_id("AKIA", account, dice),
    }
}

fn in_base64(prefix: &str, text: &str, dice: &mut Dice) -> String {
    let encoded = BASE64.encode(text.as_bytes());
    let padded = dice.percent(80);
    format!("{prefix}{}", if padded { &encoded } else { encoded.trim_end_matches('=') })
}
