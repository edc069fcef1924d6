//! References to what builders share: each says whether a thing is the cluster's own or exists already.

use super::resources::Vpc;
use crate::Context;
use crate::Input;
use crate::Lifecycles;
use crate::facts::region_of;
use crate::{Graph, GraphError, Provider};

impl Context<'_> {
    /// The region, from the zones of the subnets.
    pub fn region(&self) -> String {
        region_of(self.cluster)
    }

    /// The id of the VPC.
    pub fn vpc_id(&self) -> Input {
        match self.cluster.has_shared_vpc() {
            true => Input::Known(self.cluster.spec.network_id.clone()),
            false => Vpc::id_of(self.vpc_name()),
        }
    }

    /// The internal name of the API, which nodes use.
    pub fn api_internal_name(&self) -> String {
        format!("api.internal.{}", self.name())
    }

    /// Whether Cilium keeps its state in an etcd of its own on the control plane.
    pub fn has_cilium_etcd(&self) -> bool {
        let networking = self.cluster.networking();
        networking.and_then(|networking| networking.cilium.as_ref()).is_some_and(|cilium| cilium.etcd_managed)
    }
}

impl Graph {
    /// An empty graph for a cluster, with its providers and the outputs that every cluster has.
    ///
    /// # Errors
    /// Never for a new graph; outputs could clash otherwise.
    pub fn for_cluster(context: &Context<'_>, lifecycles: Lifecycles) -> Result<Self, GraphError> {
        let mut graph = Self::new(context.name(), lifecycles);
        let terraform = context.cluster.spec.target.as_ref().and_then(|target| target.terraform.as_ref());
        graph.provider = Provider {
            region: context.region(),
            extra: terraform.map(|t| t.provider_extra_config.clone()).unwrap_or_default(),
        };
        graph.files_provider.extra = terraform.map(|t| t.files_provider_extra_config.clone()).unwrap_or_default();
        graph.output("cluster_name", context.name())?;
        graph.output("region", context.region())?;
        Ok(graph)
    }
}
