//! AWS account ids, alone and inside an ARN.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An AWS account id: twelve decimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    pub(super) fn from_number(number: u64) -> Option<Self> {
        (number < 1_000_000_000_000).then_some(AccountId(number))
    }

    /// The account of an ARN (`arn:partition:service:region:account:resource`), if it names one.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let account = (parts.next() == Some("arn")).then(|| parts.nth(3))??;
        parts.next().filter(|resource| !resource.is_empty())?;
        account.parse().ok()
    }
}

/// The text is not an AWS account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAccountId;

impl fmt::Display for NotAnAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an AWS account id is exactly twelve digits")
    }
}

impl std::error::Error for NotAnAccountId {}

impl FromStr for AccountId {
    type Err = NotAnAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().map(AccountId).map_err(|_| NotAnAccountId)
        } else {
            Err(NotAnAccountId)
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl Serialize for AccountId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_and_nothing_else() {
        assert_eq!("000000000012".parse::<AccountId>().unwrap().to_string(), "000000000012");
        for wrong in
            ["", "12345678901", "1234567890123", "12345678901a", "+12345678901", "１２３４"]
        {
            assert_eq!(wrong.parse::<AccountId>(), Err(NotAnAccountId), "{wrong}");
        }
    }

    #[test]
    fn account_of_an_arn() {
        let account = |arn| AccountId::of_arn(arn).map(|a| a.to_string());
        assert_eq!(
            account("arn:aws-cn:iam::111122223333:role/a:b").as_deref(),
            Some("111122223333")
        );
        assert_eq!(account("arn:aws:s3:::bucket"), None);
        assert_eq!(account("nra:aws:iam::111122223333:role/x"), None);
        assert_eq!(account("arn:aws:iam::111122223333"), None);
    }
}
