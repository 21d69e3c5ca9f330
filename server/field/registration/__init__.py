"""Registration (客户信息登记表): what comes in from sweeps, until a manager has decided on it; codes given offline."""
