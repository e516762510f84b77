"""The drill: holds a gathering of its own, causes every fault in it, and grades what a viewer gets."""
