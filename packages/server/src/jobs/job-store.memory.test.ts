import { memoryStores } from '../stores.memory.ts'
import { jobStoreContract } from './job-store.contract.ts'

jobStoreContract(async () => memoryStores())
