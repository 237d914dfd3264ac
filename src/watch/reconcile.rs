//! Comparing with Recall.ai's own lists, so that a webhook that never came is found.
