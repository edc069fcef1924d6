//! Revisions of load balancers. AWS adds no security groups to a network load balancer that was created without any, so another
//! one takes its place: with a tag that says its revision, and target groups of the same revision. The older ones are deleted when
//! the user prunes.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{SystemTime, UNIX_EPOCH};

use super::DirectCloud;
use kopsform_direct::TaskId;
use kopsform_spec::names::{HashSuffix, truncate};

/// The tag with the revision: the time of its creation in seconds since 1970. The first load balancer has none.
pub(crate) const TAG: &str = "kops.k8s.io/revision";
/// The most characters of a load balancer's or target group's name.
const NAME_LENGTH: usize = 32;

/// Tags by key.
type TagMap = BTreeMap<String, String>;

/// The revision that tags say, where it is a number.
fn number(tags: &TagMap) -> Option<u64> {
    tags.get(TAG).map_or(Some(0), |text| text.parse().ok())
}

/// Of things of one name, the newest, and all others. Those whose revision is not a number are never the newest.
pub(super) fn newest<'r, R>(candidates: Vec<(&'r R, &TagMap)>) -> (Option<&'r R>, Vec<&'r R>) {
    let newest = candidates
        .iter()
        .enumerate()
        .filter_map(|(index, (_, tags))| Some((number(tags)?, std::cmp::Reverse(index))))
        .max()
        .map(|(_, std::cmp::Reverse(index))| index);
    let found = newest.and_then(|index| candidates.get(index)).map(|(item, _)| *item);
    let others = candidates.iter().enumerate().filter(|(index, _)| Some(*index) != newest);
    (found, others.map(|(_, (item, _))| *item).collect())
}

/// The name of something of a revision, as kops makes it.
pub(super) fn name(base: &str, separator: &str, revision: &str) -> String {
    match revision {
        "" => base.to_owned(),
        revision => truncate(&format!("{base}{separator}{revision}"), NAME_LENGTH, HashSuffix::Always),
    }
}

/// Whether a name may be that of a later revision of something.
pub(crate) fn is_like(name: &str, base: &str) -> bool {
    const HASH_LENGTH: usize = 7;
    let kept = base.len().min(NAME_LENGTH - HASH_LENGTH);
    base.get(..kept).is_some_and(|start| name.starts_with(start))
}

/// Tags of something of a revision.
pub(super) fn tagged(mut tags: TagMap, revision: &str) -> TagMap {
    if !revision.is_empty() {
        tags.insert(TAG.to_owned(), revision.to_owned());
    }
    tags
}

impl DirectCloud {
    /// Decides that a load balancer is created as another revision.
    pub(super) fn revise(&self, balancer: &TaskId) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut revisions = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        revisions.entry(balancer.clone()).or_insert_with(|| now.to_string());
    }

    /// The revision that a load balancer is created as; empty for the first one.
    pub(super) fn revision(&self, balancer: &TaskId) -> String {
        let revisions = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        revisions.get(balancer).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_revision_counts() {
        let tags = |revision: &str| match revision {
            "" => TagMap::new(),
            revision => TagMap::from([(TAG.to_owned(), revision.to_owned())]),
        };
        let (first, second, odd) = (tags(""), tags("1700000000"), tags("x"));
        let (found, others) = newest(vec![(&"a", &first), (&"b", &second), (&"c", &odd)]);
        assert_eq!((found, others), (Some(&"b"), vec![&"a", &"c"]));
        assert_eq!(newest(vec![(&"c", &odd)]), (None, vec![&"c"]));
    }

    #[test]
    fn names_of_revisions_have_a_hash() {
        assert_eq!(name("api-demo-1a2b3c", "-", ""), "api-demo-1a2b3c");
        let revised = name("api-demo-example-com-1a2b3c", "-", "1700000000");
        assert_eq!(revised.len(), 32);
        assert!(revised.starts_with("api-demo-example-com-1a2b"), "{revised}");
        assert!(is_like(&revised, "api-demo-example-com-1a2b3c") && !is_like(&revised, "bastion-demo-1a2b3c"));
    }
}
