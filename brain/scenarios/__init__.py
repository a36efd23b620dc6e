"""Scenarios (场景): manifests and plug-ins, where they are found, and the tasks that they become on zones."""
