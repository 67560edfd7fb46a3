"""OpenVINO's intermediate representation: a net in XML, its constants in a .bin beside it."""
