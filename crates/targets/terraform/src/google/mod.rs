//! Google Cloud's resources as blocks of the `google` provider, grouped as in the model.

mod access;
mod files;
mod firewall;
mod instances;
mod load_balancers;
mod network;
#[cfg(test)]
mod tests;

use hcl::expr::Expression;

use crate::block::{Argument, Block};
use crate::renderer::Renderer;
use kopsform_model::{In, Ref};

/// An attribute of a resource, or what the spec says stands for one that exists already.
struct InAttribute<'a, T>(&'a In<T>, &'static str);

impl<T: Block> Argument for InAttribute<'_, T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        match self.0 {
            In::Existing(name) => name.expression(renderer),
            In::Node(node) => Some(renderer.attribute(&node.node(), self.1)),
        }
    }
}

/// An attribute of several resources, as a list.
struct ListOf<'a, T>(&'a [Ref<T>], &'static str);

impl<T: Block> Argument for ListOf<'_, T> {
    fn expression(&self, renderer: &mut Renderer<'_>) -> Option<Expression> {
        let items: Vec<_> = self.0.iter().map(|node| renderer.attribute(&node.node(), self.1)).collect();
        (!items.is_empty()).then_some(Expression::Array(items))
    }
}
