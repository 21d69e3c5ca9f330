"""What is owed to every outlet once a quarter: a call-back, a verification, a look at what it bought."""
