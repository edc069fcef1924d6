//! The clouds that clusters run on.

use crate::v1alpha2::Cluster;
use crate::zone::{region_of_google_zone, region_of_zone};

/// A cloud, as `spec.cloudProvider` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// Amazon Web Services, `aws`.
    Aws,
    /// Google Cloud, `gce`.
    Gce,
}

impl Cloud {
    /// All clouds.
    pub const ALL: [Self; 2] = [Self::Aws, Self::Gce];

    /// The cloud with a name of `spec.cloudProvider`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.name() == name)
    }

    /// The name in `spec.cloudProvider`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gce => "gce",
        }
    }

    /// The name in messages.
    pub fn title(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Gce => "Google Cloud",
        }
    }

    /// The region of a zone; `None` where the string is not shaped like a zone of this cloud.
    pub fn region_of(self, zone: &str) -> Option<&str> {
        match self {
            Self::Aws => region_of_zone(zone),
            Self::Gce => region_of_google_zone(zone),
        }
    }
}

impl Cluster {
    /// The cloud; `None` for one that is not supported.
    pub fn cloud(&self) -> Option<Cloud> {
        Cloud::named(&self.spec.cloud_provider)
    }

    /// Whether the cluster is on Google Cloud.
    pub fn is_on_gce(&self) -> bool {
        self.cloud() == Some(Cloud::Gce)
    }

    /// Whether pods get addresses of a secondary range of their subnet ("VPC native"), instead of routes or an overlay.
    ///
    /// On Google Cloud, the network plugins `gce` and `kindnet` do.
    pub fn uses_ip_aliases(&self) -> bool {
        self.is_on_gce() && self.networking().is_some_and(|network| network.gce.is_some() || network.kindnet.is_some())
    }

    /// The region, from the first subnet that determines one; empty where none does.
    ///
    /// On AWS it is that of the subnet's zone; on Google Cloud, subnets name their region.
    pub fn region(&self) -> &str {
        let subnets = &self.spec.subnets;
        if self.is_on_gce() {
            return subnets.iter().map(|subnet| subnet.region.as_str()).find(|r| !r.is_empty()).unwrap_or_default();
        }
        subnets.iter().find_map(|subnet| region_of_zone(&subnet.zone)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1alpha2::{KindnetNetworking, Networking, Subnet};

    #[test]
    fn names_read_back() {
        for cloud in Cloud::ALL {
            assert_eq!(Cloud::named(cloud.name()), Some(cloud));
        }
        assert_eq!(Cloud::named("gcp"), None);
    }

    #[test]
    fn the_first_zone_that_can_be_read_counts() {
        let mut cluster = Cluster::default();
        assert_eq!(cluster.region(), "");
        let subnet = |zone: &str| Subnet { zone: zone.to_owned(), ..Subnet::default() };
        cluster.spec.subnets = vec![subnet(""), subnet("eu-west-1"), subnet("eu-central-1a")];
        assert_eq!(cluster.region(), "eu-central-1");
    }

    #[test]
    fn subnets_name_the_region_on_google_cloud() {
        let mut cluster = Cluster::default();
        cluster.spec.cloud_provider = "gce".to_owned();
        let subnet = |region: &str| Subnet { region: region.to_owned(), ..Subnet::default() };
        cluster.spec.subnets = vec![subnet(""), subnet("us-central1")];
        assert_eq!(cluster.region(), "us-central1");
    }

    #[test]
    fn ip_aliases_are_for_google_cloud() {
        let mut cluster = Cluster::default();
        cluster.spec.networking =
            Some(Networking { kindnet: Some(KindnetNetworking::default()), ..Networking::default() });
        assert!(!cluster.uses_ip_aliases());
        cluster.spec.cloud_provider = "gce".to_owned();
        assert!(cluster.uses_ip_aliases());
    }
}
