"""Stock sinks of a district as a yearly account (生态系统存量碳汇): data, computing, verification, publication, use."""
