import { memoryStores } from '../stores.memory.ts'
import { eventStoreContract } from './event-store.contract.ts'

eventStoreContract(async () => memoryStores())
