//! Values of properties.

use serde_json::{Map, Value, json};

use crate::declare::Scope;
use kopsform_model::aws::resources::Tags;
use kopsform_model::{In, Kinded, NodeId, Ref, Text};

/// What values may refer to.
pub struct Refs<'a> {
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) user: &'a NodeId,
}

/// The value of a property.
pub trait Property {
    /// The value; `None` where there is nothing to say.
    fn value(&self, refs: &Refs<'_>) -> Option<Value>;
}

impl<T: Property + ?Sized> Property for &T {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        (**self).value(refs)
    }
}

impl<T: Property> Property for Option<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        self.as_ref()?.value(refs)
    }
}

impl<T: Property> Property for Vec<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        let items: Vec<Value> = self.iter().filter_map(|item| item.value(refs)).collect();
        (!items.is_empty()).then_some(Value::Array(items))
    }
}

/// Types that are values as they are.
macro_rules! plain {
    ($($name:ty),* $(,)?) => {
        $(impl Property for $name {
            fn value(&self, _: &Refs<'_>) -> Option<Value> {
                Some(json!(self))
            }
        })*
    };
}

plain!(bool, i64, u16, str, String);

impl Property for Value {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        Some(self.clone())
    }
}

impl Property for Map<String, Value> {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Object(self.clone()))
    }
}

impl Property for Text {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        Some(self.as_str().into())
    }
}

/// A list of keys and values.
impl Property for Tags {
    fn value(&self, _: &Refs<'_>) -> Option<Value> {
        let tag = |(key, value): (&Text, &Text)| json!({ "Key": key.as_str(), "Value": value.as_str() });
        (!self.is_empty()).then(|| self.iter().map(tag).collect())
    }
}

/// An id.
impl<T: Kinded> Property for Ref<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        Some(refs.scope.id(refs.user, &self.node()))
    }
}

/// An id.
impl<T: Kinded> Property for In<T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        match self {
            Self::Existing(id) => Some(id.as_str().into()),
            Self::Node(node) => node.value(refs),
        }
    }
}

/// Another attribute of a resource than its id.
pub struct AttributeOf<'a, T>(pub &'a Ref<T>, pub &'static str);

impl<T: Kinded> Property for AttributeOf<'_, T> {
    fn value(&self, refs: &Refs<'_>) -> Option<Value> {
        Some(refs.scope.attribute(refs.user, &self.0.node(), self.1))
    }
}
