//! The order in which resources are deleted.

use std::collections::{BTreeMap, BTreeSet};

use super::resource::{Key, Resources};

/// For each resource, the resources that must be deleted first.
#[derive(Debug, Clone, Default)]
pub struct Order {
    waits: BTreeMap<Key, BTreeSet<Key>>,
}

impl Order {
    /// The order among `resources`. Resources that are not among them, because they are shared or gone, block nothing.
    pub fn of(resources: &Resources) -> Self {
        let mut waits: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
        for resource in resources.values() {
            for later in resource.blocks.iter().filter(|later| resources.contains_key(later)) {
                waits.entry(later.clone()).or_default().insert(resource.key.clone());
            }
            let earlier = resource.blocked_by.iter().filter(|earlier| resources.contains_key(earlier));
            waits.entry(resource.key.clone()).or_default().extend(earlier.cloned());
        }
        Self { waits }
    }

    /// Whether everything that must be deleted before a resource is in `gone`.
    pub fn is_free(&self, key: &Key, gone: &BTreeSet<Key>) -> bool {
        self.waits.get(key).is_none_or(|earlier| earlier.iter().all(|earlier| gone.contains(earlier)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::teardown::{Kind, Resource};

    fn resources(list: impl IntoIterator<Item = Resource>) -> Resources {
        list.into_iter().map(|resource| (resource.key.clone(), resource)).collect()
    }

    #[test]
    fn a_network_is_deleted_after_its_contents() {
        let all = resources([
            Resource::new(Kind::Vpc, "vpc-1"),
            Resource::new(Kind::Subnet, "subnet-1").before(Kind::Vpc, ["vpc-1"]),
            Resource::new(Kind::RouteTable, "rtb-1").before(Kind::Vpc, ["vpc-1"]).after(Kind::Subnet, ["subnet-1"]),
        ]);
        let order = Order::of(&all);
        let free = |gone: &BTreeSet<Key>| -> Vec<String> {
            let left = all.keys().filter(|key| !gone.contains(*key) && order.is_free(key, gone));
            left.map(ToString::to_string).collect()
        };
        let mut gone = BTreeSet::new();
        assert_eq!(free(&gone), ["subnet:subnet-1"]);
        gone.insert(Key::new(Kind::Subnet, "subnet-1"));
        assert_eq!(free(&gone), ["route-table:rtb-1"]);
        gone.insert(Key::new(Kind::RouteTable, "rtb-1"));
        assert_eq!(free(&gone), ["vpc:vpc-1"]);
    }

    #[test]
    fn what_stays_blocks_nothing() {
        let all = resources([Resource::new(Kind::RouteTable, "rtb-1")
            .before(Kind::Vpc, ["shared"])
            .after(Kind::Subnet, ["shared", ""])]);
        assert!(Order::of(&all).is_free(&Key::new(Kind::RouteTable, "rtb-1"), &BTreeSet::new()));
    }
}
