//! References to what several builders need: VPC and subnets, the cluster's own or existing ones.

use super::resources::{Subnet as SubnetResource, Vpc};
use crate::{Context, GraphError, Ref};
use kopsform_spec::v1alpha2::{InstanceGroup, Subnet};

impl<'a> Context<'a> {
    /// The VPC.
    pub fn vpc(&self) -> Ref<Vpc> {
        Ref::new(self.vpc_name())
    }

    /// A subnet.
    pub fn subnet(&self, subnet: &Subnet) -> Ref<SubnetResource> {
        Ref::new(self.subnet_name(&subnet.name))
    }

    /// The subnets of a group, in its order.
    ///
    /// # Errors
    /// When it has none, one is not in the cluster's list, or they are of several types.
    pub fn subnets_of(&self, group: &InstanceGroup) -> Result<Vec<&'a Subnet>, GraphError> {
        let error = |message: String| GraphError::Unsupported {
            path: format!("InstanceGroup/{}: spec.subnets", group.metadata.name),
            message,
        };
        let mut subnets: Vec<&'a Subnet> = Vec::new();
        for name in &group.spec.subnets {
            let subnet = self.cluster.subnet(name).ok_or_else(|| error(format!("there is no subnet {name:?}")))?;
            if let Some(first) = subnets.first().filter(|first| first.r#type != subnet.r#type) {
                return Err(error(format!("{:?} and {name:?} are of different types", first.name)));
            }
            subnets.push(subnet);
        }
        if subnets.is_empty() {
            return Err(error("the group is in no subnet".to_owned()));
        }
        Ok(subnets)
    }
}
