"""Credit customers (账期客户): their accounts and statements, the review of their forms, overdue money."""
