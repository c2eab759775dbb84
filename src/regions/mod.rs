//! AWS's partitions and regions, and where Bedrock is, as the SDK for Python knew them at a date: [`AS_OF`].
//!
//! AWS opens regions without asking us, so what is missing here may exist by now: good for advice, never for a verdict.
//! `.ci/regions` makes the table of botocore's `partitions.json` (partitions and regions) and `endpoints.json` (the
//! endpoints of `bedrock`, by region). No public data that comes with a package lists Bedrock Runtime by itself: that file has
//! `bedrock-runtime-<region>` for the older regions, and only `<region>`, which stands for all of Bedrock, for newer ones.

#[rustfmt::skip]
mod table;

pub use self::table::AS_OF;
use self::table::{BEDROCK, PARTITIONS};

/// Regions that share accounts, ARNs and host names: `arn:<id>:…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// As it stands in ARNs: `aws`, `aws-cn`, `aws-us-gov`.
    pub id: &'static str,
    /// What the names of its standard endpoints end in.
    pub dns_suffix: &'static str,
    /// Its regions, sorted.
    pub regions: &'static [&'static str],
}

/// All partitions, the commercial one first.
pub fn partitions() -> &'static [Partition] {
    PARTITIONS
}

/// The partition of that identifier.
pub fn partition(id: &str) -> Option<&'static Partition> {
    PARTITIONS.iter().find(|partition| partition.id == id)
}

/// The partition that the region belongs to, if the table has it.
pub fn partition_of(region: &str) -> Option<&'static Partition> {
    PARTITIONS.iter().find(|partition| partition.regions.binary_search(&region).is_ok())
}

/// Whether the table has the region.
pub fn is_region(text: &str) -> bool {
    partition_of(text).is_some()
}

/// Whether the table has an endpoint of Bedrock in the region.
pub fn serves_bedrock(region: &str) -> bool {
    BEDROCK.binary_search(&region).is_ok()
}

/// The regions whose names match, by partition and name.
pub fn regions_like(matches: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
    let all = PARTITIONS.iter().flat_map(|partition| partition.regions.iter().copied());
    all.filter(move |region| matches(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_by_identifier() {
        for (id, suffix) in [
            ("aws", "amazonaws.com"),
            ("aws-cn", "amazonaws.com.cn"),
            ("aws-us-gov", "amazonaws.com"),
            ("aws-eusc", "amazonaws.eu"),
            ("aws-iso", "c2s.ic.gov"),
        ] {
            assert_eq!(partition(id).map(|found| found.dns_suffix), Some(suffix), "{id}");
        }
        for id in ["", "AWS", "aws ", "aws-gov", "*"] {
            assert_eq!(partition(id), None, "{id}");
        }
        assert_eq!(partitions()[0].id, "aws");
    }

    #[test]
    fn regions_belong_to_one_partition() {
        for (region, id) in [
            ("us-east-1", "aws"),
            ("eu-central-2", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("eu-isoe-west-1", "aws-iso-e"),
        ] {
            assert_eq!(partition_of(region).map(|found| found.id), Some(id), "{region}");
        }
        let mut all: Vec<_> = regions_like(|_| true).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn what_is_no_region() {
        for text in ["", "us-east-11", "US-EAST-1", "us-east-1 ", "eu-west", "eu-*", "aws-global"] {
            assert!(!is_region(text), "{text}");
            assert!(!serves_bedrock(text), "{text}");
        }
    }

    #[test]
    fn where_bedrock_is() {
        for region in ["us-east-1", "eu-west-1", "eu-central-2", "us-gov-west-1", "us-iso-east-1"] {
            assert!(serves_bedrock(region), "{region}");
        }
        // Regions of which the source has only the one entry, and not `bedrock-runtime-<region>`.
        for region in ["ap-southeast-5", "ca-west-1"] {
            assert!(serves_bedrock(region), "{region}");
        }
        for region in ["cn-north-1", "cn-northwest-1", "us-iso-west-1"] {
            assert!(is_region(region) && !serves_bedrock(region), "{region}");
        }
    }

    /// Lookups halve the lists, which is only right for sorted ones.
    #[test]
    fn the_table_is_sorted() {
        assert!(partitions().iter().all(|partition| partition.regions.is_sorted()));
        assert!(BEDROCK.is_sorted() && BEDROCK.iter().all(|region| is_region(region)));
    }

    #[test]
    fn regions_by_pattern() {
        let european: Vec<_> = regions_like(|region| region.starts_with("eu-s")).collect();
        assert_eq!(european, ["eu-south-1", "eu-south-2"]);
        assert_eq!(regions_like(|region| region == "nowhere").count(), 0);
    }
}
