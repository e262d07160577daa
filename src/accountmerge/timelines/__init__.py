"""When the steps of a plan are taken, who acts in which phase, and what everybody has to do."""
